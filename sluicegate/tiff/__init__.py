"""TIFF: from directories of a file to pages as pictures; Exif is read here, too."""

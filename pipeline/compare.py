"""The entry point: `python -m pipeline.compare`. Nothing is defined here, as in `__main__`."""

import sys

from pipeline.comparison.command import compare

if __name__ == "__main__":
    sys.exit(compare(sys.argv[1:]))

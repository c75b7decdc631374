"""The entry point: `python -m pipeline`. Nothing is defined here, so nothing is pickled from it."""

import sys

from pipeline.command import main

sys.exit(main(sys.argv[1:]))

"""The entry point: `python -m pipeline`. Nothing is defined here, so nothing is pickled from it."""

import sys

from pipeline.flags.run import RUN

sys.exit(RUN.run(sys.argv[1:]))

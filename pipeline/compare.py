"""The entry point: `python -m pipeline.compare`. Nothing is defined here, as in `__main__`."""

import sys

from pipeline.flags.comparison import COMPARE

if __name__ == "__main__":
    sys.exit(COMPARE.run(sys.argv[1:]))

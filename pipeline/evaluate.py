"""The entry point: `python -m pipeline.evaluate`. Nothing is defined here, as in `__main__`."""

import sys

from pipeline.flags.comparison import EVALUATE

if __name__ == "__main__":
    sys.exit(EVALUATE.run(sys.argv[1:]))

"""The entry point: `python -m pipeline.correct`. Nothing is defined here, as in `__main__`."""

import sys

from pipeline.flags.review import CORRECT

if __name__ == "__main__":
    sys.exit(CORRECT.run(sys.argv[1:]))

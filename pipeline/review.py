"""The entry point: `python -m pipeline.review`. Nothing is defined here, as in `__main__`."""

import sys

from pipeline.flags.review import REVIEW

if __name__ == "__main__":
    sys.exit(REVIEW.run(sys.argv[1:]))

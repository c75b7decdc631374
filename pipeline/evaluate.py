"""The entry point: `python -m pipeline.evaluate`. Nothing is defined here, as in `__main__`."""

import sys

from pipeline.comparison.command import evaluate

if __name__ == "__main__":
    sys.exit(evaluate(sys.argv[1:]))

"""One target under a coverage-guided fuzzer (Atheris, which is libFuzzer), in its own process."""

import sys

import atheris

with atheris.instrument_imports(include=["sluicegate", "fastavro", "pydantic"]):
    from fuzz.targets import TARGETS


def main() -> None:
    """Fuzz the target named first; the rest is libFuzzer's."""
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()

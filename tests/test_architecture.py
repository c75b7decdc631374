"""The shape of the house: who imports whom, where time and chance come in, how long a file is."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = ("pipeline", "transforms", "sluicegate")
PRODUCT = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
LOGIC = [path for path in PRODUCT if path.is_relative_to(ROOT / "sluicegate")]
CLOCK = "sluicegate/pacing/clock.py"
# The one place that builds an engine hands it the clock; everything else is given one.
CLOCK_GIVERS = {CLOCK, "sluicegate/live/connect.py"}
MAX_LINES = 300


def name(path: Path) -> str:
    """Return a path as the repository sees it."""
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports, wherever it does so."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(path: Path) -> Iterator[str]:
    """Yield every dotted name in a file that has an attribute: `datetime.now`, `time.time`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node)


def importers(*modules: str) -> set[str]:
    """Return the product's files that import one of the modules, or something of theirs."""
    return {
        name(path)
        for path in PRODUCT
        for imported in imports(path)
        if any(imported == module or imported.startswith(f"{module}.") for module in modules)
    }


def test_there_is_something_to_look_at() -> None:
    """The checks below do not pass for want of files."""
    assert len(PRODUCT) > 50
    assert len(LOGIC) > 35


def test_import_contracts_hold() -> None:
    """Rooms import downwards only, as pyproject.toml says."""
    program = "from importlinter.cli import lint_imports as l; raise SystemExit(l(no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_one_file_knows_the_sdk() -> None:
    """google.genai is imported in one product file."""
    assert importers("google.genai") == {"sluicegate/gemini/client.py"}


def test_the_logic_knows_no_beam() -> None:
    """No file of sluicegate imports Beam, not even in a function."""
    assert not {file for file in importers("apache_beam") if file.startswith("sluicegate/")}


def test_chance_comes_in_at_one_place() -> None:
    """Randomness is a parameter everywhere but where it is provided."""
    found = importers("random", "secrets", "uuid", "numpy.random")
    assert {file for file in found if file.startswith("sluicegate/")} == {CLOCK}
    # Pixels are arrays; of numpy's own chance nothing is used.
    pixels = "sluicegate/evidence/pictures.py"
    assert {file for file in importers("numpy") if file.startswith("sluicegate/")} == {pixels}
    assert "random" not in (ROOT / pixels).read_text("utf-8")


def test_clocks_come_in_at_the_edge() -> None:
    """No file of sluicegate reads a clock but where clocks are provided."""
    assert {f for f in importers("time") if f.startswith("sluicegate/")} <= CLOCK_GIVERS
    clocks = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "perf_counter")
    readers = {
        name(path) for path in LOGIC for call in calls(path) if call.endswith(clocks)
    }  # fmt: skip
    assert readers == {CLOCK}


def test_the_engine_builder_only_passes_the_clock_on() -> None:
    """connect.py names the monotonic clock and does not read it."""
    tree = ast.parse((ROOT / "sluicegate/live/connect.py").read_text("utf-8"))
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not {each for each in called if each.startswith("time.")}


def test_the_logic_sleeps_nowhere_by_itself() -> None:
    """Waiting is a parameter too; only a wait of nothing, which yields the loop, is written out."""
    for path in LOGIC:
        if name(path) == CLOCK:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "asyncio.sleep",
                "time.sleep",
            ):
                assert ast.unparse(node.args[0]) == "0", f"{name(path)}:{node.lineno}"


@pytest.mark.parametrize("step", sorted(p.name for p in (ROOT / "transforms").glob("*.py")))
def test_a_step_is_one_public_transform(step: str) -> None:
    """A step's public classes are PTransforms; its DoFns, CombineFns and streams are private."""
    tree = ast.parse((ROOT / "transforms" / step).read_text("utf-8"))
    private = {"beam.DoFn", "beam.CombineFn", "StreamCoderImpl"}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base) for base in node.bases}
            assert node.name.startswith("_") == bool(bases & private)
    # Annotations must be real when Beam reads them.
    assert "from __future__ import annotations" not in ast.unparse(tree)


def test_no_step_knows_another() -> None:
    """Steps meet in the graph alone; what several need is in a file that is no step."""
    steps = {
        path.stem
        for path in (ROOT / "transforms").glob("*.py")
        if any(
            isinstance(node, ast.ClassDef) and "beam.PTransform" in map(ast.unparse, node.bases)
            for node in ast.parse(path.read_text("utf-8")).body
        )
    }
    assert len(steps) > 10
    modules = {f"transforms.{step}" for step in steps}
    for path in (ROOT / "transforms").rglob("*.py"):
        known = {imported.rpartition(".")[0] for imported in imports(path)} | set(imports(path))
        assert not known & modules, f"{name(path)} knows {known & modules}"


def test_outputs_are_known_by_what_they_are_asked() -> None:
    """Steps know the protocol, jobs the door; nobody else knows which outputs there are."""
    folder = ROOT / "transforms/outputs"
    inside = {f"transforms.outputs.{path.stem}" for path in folder.glob("[a-z]*.py")}
    assert len(inside) > 6
    found = {
        (name(path), module)
        for path in PRODUCT
        if not path.is_relative_to(folder)
        for imported in imports(path)
        for module in {imported, imported.rpartition(".")[0]}
        if module == "transforms.outputs" or module in inside
    }
    steps = {module for file, module in found if file.startswith("transforms/")}
    jobs = {module for file, module in found if file.startswith("pipeline/")}
    assert steps == {"transforms.outputs.output"}
    assert jobs == {"transforms.outputs"}


def test_files_stay_readable() -> None:
    """No product file is longer than a person reads in one go."""
    long = {name(path): len(path.read_text("utf-8").splitlines()) for path in PRODUCT}
    assert {file: lines for file, lines in long.items() if lines > MAX_LINES} == {}


def test_files_are_not_dumping_grounds() -> None:
    """Files are named after what they hold."""
    vague = {"utils", "util", "helpers", "helper", "manager", "misc", "common", "data2"}
    assert not [name(path) for path in PRODUCT if path.stem in vague]


def test_transforms_take_plain_values() -> None:
    """No step knows of pipeline options."""
    found = importers("apache_beam.options")
    assert {file for file in found if not file.startswith("pipeline/")} == set()

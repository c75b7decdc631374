"""The committed set: it is what the generator makes, and small."""

import json
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

import samples
from samples import committed

HOME = Path(samples.__file__).parent
IMAGES = {".png", ".jpg", ".webp", ".tif"}


@pytest.fixture(scope="module")
def anew(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the set into a folder of its own."""
    folder = tmp_path_factory.mktemp("committed")
    committed.write(folder)
    return folder


def names(folder: Path) -> set[str]:
    """Return the documents' paths below a folder."""
    root = folder / "documents"
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_the_truth_is_the_generators(anew: Path) -> None:
    """truth.jsonl is written by this code and names every document."""
    text = (HOME / "truth.jsonl").read_text("utf-8")
    assert text == (anew / "truth.jsonl").read_text("utf-8")
    listed = {json.loads(line)["file"] for line in text.splitlines()}
    assert listed == names(HOME) == names(anew)


@pytest.mark.parametrize("name", sorted(committed.PLANS))
def test_the_documents_are_the_generators(anew: Path, name: str) -> None:
    """A document is the generator's to the byte; an image may differ by its encoder's version."""
    kept = (HOME / "documents" / name).read_bytes()
    made = (anew / "documents" / name).read_bytes()
    if kept == made:
        return
    assert Path(name).suffix in IMAGES, name
    with Image.open(BytesIO(kept)) as old, Image.open(BytesIO(made)) as new:
        assert old.size == new.size
        difference = ImageChops.difference(old.convert("L"), new.convert("L"))
        assert ImageStat.Stat(difference).mean[0] < 2


def test_the_set_is_small_and_varied() -> None:
    """It stays below 1.5 MB and holds every outcome, and names that are awkward on purpose."""
    paths = [HOME / "documents" / name for name in names(HOME)]
    assert sum(path.stat().st_size for path in paths) < 1_500_000
    assert any(" " in path.name for path in paths)
    assert any(not path.name.isascii() for path in paths)
    truths = [json.loads(line) for line in (HOME / "truth.jsonl").read_text("utf-8").splitlines()]
    assert sum(truth["expect"] == "row" for truth in truths) >= 16
    assert {truth["expect"] for truth in truths} == {
        *("row", "empty", "truncated", "encrypted", "corrupt"),
        *("not_an_invoice", "unsupported", "too_large"),
    }
    assert max(truth["pages"] or 0 for truth in truths) == 3

"""Input from a disk and from buckets: what matches, once each, and what a listing costs."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import apache_beam as beam
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that, equal_to
from requests.adapters import HTTPAdapter
from support import read_failures, read_rows, write_invoices

import pipeline
from emulators.cloud import LocalCloud
from emulators.gemini import GeminiEndpoint
from sluicegate.records import Document
from sluicegate.sources.matching import check_pattern, list_documents
from sluicegate.storage.stores import forget_clients
from transforms.match import Match

NAMES = (
    "plain.pdf",
    "with space.pdf",
    "Rechnung Büro – 発票 🧾.pdf",
    "x[1].pdf",
    "{brace}.pdf",
    "100% #1 & more+.pdf",
    "zero.pdf",
    "deep/er/plain.pdf",
    "deep/er/photo.png",
)


class Place:
    """A folder of documents on the disk or in a bucket."""

    def __init__(self, root: str, put: Callable[[str, bytes], object]) -> None:
        self.root, self.put = root, put

    def fill(self) -> None:
        """Store a document under each name; one has no bytes."""
        for name in NAMES:
            self.put(name, b"" if name == "zero.pdf" else name.encode())


@pytest.fixture(params=["disk", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Return an empty folder of either kind."""
    if request.param == "disk":

        def put(name: str, data: bytes) -> None:
            path = tmp_path / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

        yield Place(f"{tmp_path}/in", put)
        return
    cloud: LocalCloud = request.getfixturevalue("cloud")
    forget_clients()
    prefix = uuid4().hex
    gcs = cloud.gcs
    assert gcs is not None
    yield Place(
        f"gs://sluicegate/{prefix}",
        lambda name, data: gcs.put("sluicegate", f"{prefix}/{name}", data),
    )
    forget_clients()


# What ran last: functions of this module are pickled by name, so they write into this very list.
_SEEN: list[tuple[str, str, str]] = []


def _keep(found: list[tuple[str, str, str]]) -> None:
    _SEEN[:] = found


def matched(patterns: list[str], root: str) -> tuple[Counter[str], dict[str, str]]:
    """Run Match; return names by how often they came, and failures' codes by name."""
    with Pipeline() as pipe:
        outcome = pipe | Match(patterns, "r")
        both = (
            outcome.ok | "ok" >> beam.Map(lambda d: ("ok", d.uri, d.digest)),
            outcome.failed | "failed" >> beam.Map(lambda f: ("failed", f.document_uri, f.code)),
        ) | beam.Flatten()
        assert_that(both, _keep)
    for kind, _, digest in _SEEN:
        assert kind == "failed" or digest
    return (
        Counter(uri.removeprefix(f"{root}/") for kind, uri, _ in _SEEN if kind == "ok"),
        {uri.removeprefix(f"{root}/"): code for kind, uri, code in _SEEN if kind == "failed"},
    )


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (["{root}/*.pdf"], [name for name in NAMES if "/" not in name]),
        (["{root}/**"], NAMES),
        (["{root}/"], NAMES),
        (["{root}/**/plain.pdf"], ["plain.pdf", "deep/er/plain.pdf"]),
        (["{root}/with space.pdf"], ["with space.pdf"]),
        (["{root}/Rechnung*"], ["Rechnung Büro – 発票 🧾.pdf"]),
        (["{root}/*ü*🧾*"], ["Rechnung Büro – 発票 🧾.pdf"]),
        (["{root}/x[[]1].pdf"], ["x[1].pdf"]),
        (["{root}/{{plain,zero}}.pdf"], ["plain.pdf", "zero.pdf"]),
        (["{root}/**.pdf", "{root}/**", "{root}/*.pdf", "{root}/plain.pdf"], NAMES),
    ],
)
def test_patterns_match_each_document_once(
    patterns: list[str], names: list[str], place: Place
) -> None:
    """Odd names, empty files and overlapping patterns, alike on a disk and in a bucket."""
    place.fill()
    found, failed = matched([p.format(root=place.root) for p in patterns], place.root)
    assert found == Counter(names)
    assert failed == {}


def test_a_name_with_brackets_can_be_given_as_it_is(place: Place) -> None:
    """A name that exists is itself, whatever characters it has."""
    place.fill()
    check_pattern(f"{place.root}/x[1].pdf")
    assert matched([f"{place.root}/x[1].pdf"], place.root)[0] == Counter(["x[1].pdf"])


def test_a_list_gives_names_and_patterns_and_accounts_for_missing_ones(place: Place) -> None:
    """What is listed and absent is a failure in its own name; the list may have comments."""
    place.fill()
    lines = ["# invoices", "", f"{place.root}/plain.pdf", f"  {place.root}/with space.pdf  ",
             f"{place.root}/deep/**", f"{place.root}/gone.pdf", f"{place.root}/nothing*.pdf",
             f"{place.root}/plain.pdf"]  # fmt: skip
    place.put("list.txt", "\ufeff".encode() + "\r\n".join(lines).encode())
    found, failed = matched([f"@{place.root}/list.txt"], place.root)
    expected = ["plain.pdf", "with space.pdf", "deep/er/plain.pdf", "deep/er/photo.png"]
    assert found == Counter(expected)
    assert failed == {"gone.pdf": "not_found", "nothing*.pdf": "not_found"}


@pytest.mark.parametrize("pattern", ["none*.pdf", "none.pdf", "none/**", "deep/*"])
def test_a_pattern_without_a_match_is_refused_before_the_launch(pattern: str, place: Place) -> None:
    """Its name is in the message."""
    place.fill()
    with pytest.raises(pipeline.UsageFault, match="matched no files") as refused:
        check_pattern(f"{place.root}/{pattern}")
    assert f"{place.root}/{pattern}" in str(refused.value)


def test_folder_placeholders_are_passed_over(cloud: LocalCloud) -> None:
    """Objects that only stand for a folder in a console are no documents."""
    assert cloud.gcs is not None
    forget_clients()
    prefix = uuid4().hex
    cloud.gcs.put("sluicegate", f"{prefix}/a.pdf", b"x")
    # Not every emulator keeps such objects; the store must pass over those that come.
    cloud.gcs.put("sluicegate", f"{prefix}/sub/", b"")
    root = f"gs://sluicegate/{prefix}"
    assert matched([f"{root}/**", f"{root}/"], root)[0] == Counter(["a.pdf"])


@pytest.fixture
def requests_made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the URL of every request that Google's client makes, unasked ones too."""
    made: list[str] = []
    real = HTTPAdapter.send

    def send(adapter: HTTPAdapter, request: Any, **keywords: Any) -> Any:
        made.append(request.url)
        return real(adapter, request, **keywords)

    monkeypatch.setattr(HTTPAdapter, "send", send)
    return made


def test_matching_asks_for_pages_not_for_documents(
    cloud: LocalCloud, requests_made: list[str]
) -> None:
    """40 documents, fingerprints included, cost one request; a check before the launch one more."""
    assert cloud.gcs is not None
    forget_clients()
    prefix = uuid4().hex
    for number in range(40):
        cloud.gcs.put("sluicegate", f"{prefix}/{number}.pdf", b"%d" % number)
    root = f"gs://sluicegate/{prefix}"
    check_pattern(f"{root}/*.pdf")
    found, _ = matched([f"{root}/*.pdf"], root)
    assert len(found) == 40
    listings = [url for url in requests_made if "/o?" in url]
    assert len(listings) == 2, requests_made
    assert all("maxResults=1000" in url for url in listings)
    assert len(requests_made) <= 4, requests_made


def test_a_long_listing_is_paged(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """All pages of a listing are followed, each document comes once."""
    assert cloud.gcs is not None
    forget_clients()
    prefix = uuid4().hex
    names = {f"gs://sluicegate/{prefix}/{number:02}.pdf" for number in range(25)}
    for name in names:
        cloud.gcs.put("sluicegate", name.removeprefix("gs://sluicegate/"), b"x")
    pages: list[str] = []
    real = HTTPAdapter.send

    def send(adapter: HTTPAdapter, request: Any, **keywords: Any) -> Any:
        request.url = request.url.replace("maxResults=1000", "maxResults=10")
        if "/o?" in request.url:
            pages.append(request.url)
        return real(adapter, request, **keywords)

    monkeypatch.setattr(HTTPAdapter, "send", send)
    found = list(list_documents(f"gs://sluicegate/{prefix}/*"))
    assert len(found) == 25
    assert {document.uri for document in found if isinstance(document, Document)} == names
    assert len(pages) == 3


def test_a_run_over_disk_and_bucket_accounts_for_everything(
    cloud: LocalCloud, endpoint: GeminiEndpoint, api_key: str, tmp_path: Path
) -> None:
    """Local and gs:// input in one run, a list with a missing entry: rows and failures add up."""
    forget_clients()
    local = write_invoices(tmp_path / "in", 2)
    write_invoices(tmp_path / "up", 2, first=10)
    prefix = uuid4().hex
    uploaded = cloud.upload("sluicegate", tmp_path / "up", prefix)
    gone = f"gs://sluicegate/{prefix}/gone.pdf"
    (tmp_path / "list.txt").write_text("\n".join([*uploaded, gone]))
    summary = pipeline.run(
        input=[f"{tmp_path}/in/*.pdf", f"@{tmp_path}/list.txt"],
        output=str(tmp_path / "out"),
        gemini_endpoint=endpoint.url,
    )
    assert summary is not None
    rows = {row["document_uri"] for row in read_rows(summary.rows_uri)}
    assert rows == {*map(str, local), *uploaded}
    (failure,) = read_failures(summary.failures_uri)
    assert (failure["document_uri"], failure["code"]) == (gone, "not_found")


def test_an_empty_pattern_list_matches_nothing() -> None:
    """No patterns, no documents, no error: refusing that is the settings' business."""
    with Pipeline() as pipe:
        outcome = pipe | Match([], "r")
        assert_that(outcome.ok, equal_to([]))

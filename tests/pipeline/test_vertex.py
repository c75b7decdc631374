"""Vertex AI: documents in a bucket go by reference, and only what must be read is read."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud.storage import Blob
from support import write_invoices

from emulators.cloud import LocalCloud
from emulators.gemini import Behaviour, GeminiEndpoint, UnreadableDocument
from samples.generator import generate
from tests.pipeline.test_bigquery import failure_records, run_on_bigquery

PDF = "application/pdf"


@pytest.fixture
def high_start() -> None:
    """Begin as a run does: how many calls are made before one stops is looked at."""


@pytest.fixture
def vertex(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[GeminiEndpoint]:
    """Run a stand-in that reads gs:// documents from the emulator, with no API key around."""
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.delenv(name, raising=False)

    def read(parts: list[tuple[str, bytes]], schema: object) -> dict[str, object]:
        for media_type, data in parts:
            if media_type == PDF and (not data.startswith(b"%PDF") or b"/Encrypt" in data):
                raise UnreadableDocument("no pages")
        return {
            "invoice_id": f"{len(parts)} part(s)",
            "vendor_name": ", ".join(media_type for media_type, _ in parts),
            "total_amount": sum(len(data) for _, data in parts),
            "line_items": [],
        }

    with GeminiEndpoint(Behaviour(), reader=read) as running:
        yield running


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the names of objects whose bytes are downloaded."""
    names: list[str] = []
    original = Blob.download_as_bytes

    def recording(blob: Blob, *arguments: object, **options: object) -> bytes:
        names.append(blob.name.rpartition("/")[2])
        return original(blob, *arguments, **options)

    monkeypatch.setattr(Blob, "download_as_bytes", recording)
    return names


def put(cloud: LocalCloud, name: str, data: bytes, content_type: str) -> str:
    """Store an object with a content type."""
    blob = cloud.storage_client().bucket("sluicegate").blob(name)
    blob.upload_from_string(data, content_type=content_type)
    return f"gs://sluicegate/{name}"


def test_documents_go_by_reference_and_tiff_inline(
    cloud: LocalCloud, vertex: GeminiEndpoint, downloads: list[str], tmp_path: Path
) -> None:
    """PDF and PNG are named, unread; TIFF and lying or unknown types are read."""
    prefix = uuid.uuid4().hex
    pdf = write_invoices(tmp_path, 1)[0].read_bytes()
    png = generate(5, 1, formats=("png",)).data
    tiff = generate(5, 2, formats=("tiff",)).data
    encrypted = (Path("samples/documents/broken") / "encrypted.pdf").read_bytes()
    put(cloud, f"{prefix}/in/plain.pdf", pdf, PDF)
    put(cloud, f"{prefix}/in/picture.png", png, "image/png")
    put(cloud, f"{prefix}/in/fax.tif", tiff, "image/tiff")
    put(cloud, f"{prefix}/in/unknown", pdf + b"\n%2", "application/octet-stream")
    put(cloud, f"{prefix}/in/locked.pdf", encrypted, PDF)
    put(cloud, f"{prefix}/in/lying.pdf", generate(5, 3, formats=("png",)).data, PDF)
    put(cloud, f"{prefix}/in/nothing.pdf", b"", PDF)

    summary, table, name = run_on_bigquery(
        cloud, tmp_path, vertex.url, input=f"gs://sluicegate/{prefix}/in/**"
    )
    requests = vertex.requests()
    rows = {
        row["document_uri"].rpartition("/")[2]: row
        for row in cloud.bigquery_client().query_and_wait(f"SELECT * FROM `{table}`")
    }
    failed = {
        record["document_uri"].rpartition("/")[2]: record["code"]
        for record in failure_records(cloud, name)
    }
    assert summary.settings["service"] == "vertex"
    assert {name: row["vendor_name"] for name, row in rows.items()} == {
        "plain.pdf": PDF,
        "picture.png": "image/png",
        "fax.tif": ", ".join(["image/jpeg"] * tiff_pages(tiff)),
        "unknown": PDF,
        "lying.pdf": "image/png",
    }
    assert rows["picture.png"]["provenance"]["traffic_type"]
    assert failed == {"locked.pdf": "encrypted", "nothing.pdf": "empty"}
    assert "plain.pdf" not in downloads
    assert "picture.png" not in downloads
    assert "nothing.pdf" not in downloads
    referenced = {r["document"] for r in requests if r["document"].startswith("gs://")}
    assert f"gs://sluicegate/{prefix}/in/plain.pdf" in referenced
    assert all("/publishers/google/models/gemini-3.1-flash-lite:" in r["path"] for r in requests)
    assert all("/locations/global/" in request["path"] for request in requests)


def tiff_pages(data: bytes) -> int:
    """Count the pages of a TIFF."""
    import io  # noqa: PLC0415

    from PIL import Image  # noqa: PLC0415

    with Image.open(io.BytesIO(data)) as image:
        return int(getattr(image, "n_frames", 1))


def test_an_object_replaced_during_its_call_is_not_taken_for_the_old_one(
    cloud: LocalCloud, vertex: GeminiEndpoint, tmp_path: Path
) -> None:
    """It fails as changed, what was paid is said, and the old content is asked about anew."""
    first, second = write_invoices(tmp_path, 2)
    prefix = uuid.uuid4().hex
    name = f"{prefix}/in/a.pdf"
    put(cloud, name, first.read_bytes(), PDF)

    def replace(parts: list[tuple[str, bytes]], schema: object) -> dict[str, object]:
        put(cloud, name, second.read_bytes(), PDF)
        return {"invoice_id": "1", "vendor_name": "V", "total_amount": 1, "line_items": []}

    with GeminiEndpoint(Behaviour(), reader=replace) as replacing:
        settings = {"input": f"gs://sluicegate/{prefix}/in/**"}
        summary, _, failures = run_on_bigquery(cloud, tmp_path, replacing.url, **settings)
    assert summary.failures_by_code == {"changed": 1}
    (record,) = failure_records(cloud, failures)
    assert record["tokens"]["prompt_tokens"] > 0
    assert record["retryable"]
    journal = f"gs://sluicegate/{failures}/journal"
    put(cloud, name, first.read_bytes(), PDF)
    again, _, _ = run_on_bigquery(cloud, tmp_path, vertex.url, **settings, journal=journal)
    assert (again.rows, again.calls, again.journaled) == (1, 1, 0)


def test_a_missing_permission_on_every_object_is_the_jobs_fault(
    cloud: LocalCloud, vertex: GeminiEndpoint, tmp_path: Path
) -> None:
    """A service that may not read the bucket stops the run; it does not fail each document."""
    import pipeline  # noqa: PLC0415

    write_invoices(tmp_path / "in", 60)
    vertex.set_behaviour(
        faults=[
            {
                "fault": "http_403",
                "message": "service-1@gcp-sa-aiplatform.iam.gserviceaccount.com does not have "
                "storage.objects.get access to the Google Cloud Storage object.",
            }
        ]
    )
    with pytest.raises(pipeline.RunFailed, match=r"storage\.objects\.get"):
        run_on_bigquery(cloud, tmp_path / "in", vertex.url, max_in_flight=8)
    assert vertex.stats()["calls"] <= 8 + 10

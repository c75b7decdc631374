"""DocumentCoder: every document comes out as it went in, from few bytes."""

from decimal import Decimal

import apache_beam as beam
import pytest
from apache_beam import coders
from apache_beam.coders.typecoders import registry
from apache_beam.pipeline import AppliedPTransform, PipelineVisitor
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.landing.earlier_rows import Wanted
from sluicegate.records import Document, Failure, FallbackSpend, Spend, Usage
from transforms.document_coder import DocumentCoder
from transforms.match import Match
from transforms.outputs.files import StoredFiles
from transforms.skip_done import SkipDone

CODER = DocumentCoder()
IN_A_BUCKET = Document(
    "gs://dry-run/2026/0001/invoice-00000001.pdf",
    48_001,
    "1700000000000001",
    "application/pdf",
    f"md5:{1:032x}",
)
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
HEX = st.binary(max_size=32).map(bytes.hex)
USAGES = st.builds(Usage, *[st.integers(0, 10**9)] * 4)
SPENDS = st.builds(
    FallbackSpend,
    USAGES,
    USAGES,
    st.none() | st.decimals(0, 100, places=9),
    st.integers(0, 100),
    st.lists(TEXT, max_size=3).map(tuple),
    st.integers(0, 100),
    st.lists(
        st.builds(Spend, TEXT, TEXT, st.integers(0, 9), USAGES, st.none() | st.decimals(0, 9)),
        max_size=2,
    ).map(tuple),
)


@given(
    st.builds(
        Document,
        TEXT,
        st.integers(0, 2**63 - 1),
        TEXT | st.integers(-(10**20), 10**20).map(str) | st.sampled_from(["007", "٣", "1" * 18]),
        TEXT | st.sampled_from(["application/pdf", "image/tiff"]),
        TEXT
        | st.builds(
            lambda kind, digits: f"{kind}:{digits}",
            st.sampled_from(["md5", "sha256", "version", "crc", ""]),
            HEX | HEX.map(str.upper) | st.sampled_from(["0", "a b", "zz", " ab"]),
        ),
        st.none() | SPENDS,
    )
)
def test_any_document_comes_out_as_it_went_in(document: Document) -> None:
    """Also those whose version, type and digest have no shorter form; and to the same bytes."""
    encoded = CODER.encode(document)
    assert CODER.decode(encoded) == document
    assert CODER.encode(CODER.decode(encoded)) == encoded


@pytest.mark.parametrize(
    "other",
    [
        Failure("gs://b/a", "not_found", "gone", cost_usd=Decimal("0.1")),
        Failure.of(IN_A_BUCKET, "changed", "it was"),
        ("2026-11-23T12:00:00.000000+00:00", "0" * 64, "1"),
    ],
)
def test_what_goes_with_documents_comes_out_too(other: object) -> None:
    """Failures and marks share their shuffles."""
    assert CODER.decode(CODER.encode(other)) == other


def test_a_document_is_small() -> None:
    """A document of a bucket with its key takes less than twice its URI and 40 bytes."""
    pair = coders.TupleCoder((coders.StrUtf8Coder(), CODER))
    assert len(pair.encode((IN_A_BUCKET.uri, IN_A_BUCKET))) <= 2 * len(IN_A_BUCKET.uri) + 40


def shuffled(pipeline: beam.Pipeline) -> dict[str, coders.Coder]:
    """Return the coders of what a graph groups, by the label of the step."""
    found: dict[str, coders.Coder] = {}

    class Visitor(PipelineVisitor):
        def visit_transform(self, node: AppliedPTransform) -> None:
            if isinstance(node.transform, beam.GroupByKey):
                found[node.full_label] = registry.get_coder(node.inputs[0].element_type)

        enter_composite_transform = visit_transform

    pipeline.visit(Visitor())
    return found


def test_documents_cross_the_shuffles_of_a_run_so() -> None:
    """Where they are made unique and where they meet rows; keys are strings."""
    pipeline = beam.Pipeline()
    documents = pipeline | "Match" >> Match(["in/*"], "r")
    _ = documents.ok | "Skip done" >> SkipDone(StoredFiles("x"), Wanted((), "t", "1"), "r")
    found = shuffled(pipeline)
    for label in ("Match/Once", "Skip done/Join"):
        key, value = found[label].coders()
        assert isinstance(key, coders.StrUtf8Coder)
        assert isinstance(value, DocumentCoder)
    assert CODER.is_deterministic()

"""Faults cross processes and runners, and keep whose they are."""

import pickle
import traceback

import pytest

from sluicegate.faults import DocumentFault, Fault, JobFault, UsageFault, find_job_fault


@pytest.mark.parametrize(("kind", "code"), [(DocumentFault, "empty"), (JobFault, "outage")])
def test_faults_pickle_by_their_arguments(
    kind: type[DocumentFault] | type[JobFault], code: str
) -> None:
    """The same code, message and text on the other side, also after a second journey."""
    fault = kind(code, "zero\nbytes é")
    there = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(fault))))
    assert type(there) is kind
    assert (there.code, there.message, str(there)) == (fault.code, fault.message, str(fault))


def test_usage_faults_pickle() -> None:
    """With their text."""
    assert str(pickle.loads(pickle.dumps(UsageFault("no such flag")))) == "no such flag"


def test_all_are_faults() -> None:
    """One base for what is raised on purpose."""
    assert all(issubclass(kind, Fault) for kind in (DocumentFault, JobFault, UsageFault))


def wrapped(fault: Exception) -> str:
    """Wrap a fault as runners do: raised anew twice, rendered as a traceback."""
    try:
        try:
            try:
                raise fault
            except Exception as error:
                raise RuntimeError(f"{error} [while running 'Generate']") from error
        except RuntimeError as error:
            raise RuntimeError(repr(error)) from None
    except RuntimeError:
        return traceback.format_exc()


@pytest.mark.parametrize(
    "message",
    ["the daily quota is used up", "a 'quoted' word", "models/x: [not] found (v1)", "", "é"],
)
def test_a_job_fault_is_found_however_it_was_wrapped(message: str) -> None:
    """Code and message are whole in the runner's text."""
    found = find_job_fault(wrapped(JobFault("unknown_model", message)))
    assert found is not None
    assert found.code == "unknown_model"
    assert found.message.replace("\\'", "'") == message


def test_the_first_fault_is_found() -> None:
    """A chain of tracebacks repeats it."""
    text = f"{JobFault('outage', 'first')}\nDuring handling\n{JobFault('stopped', 'second')}"
    found = find_job_fault(text)
    assert found is not None
    assert (found.code, found.message) == ("outage", "first")


@pytest.mark.parametrize(
    "text", ["", "RuntimeError: x", "[job fault: outage] cut off", "job fault"]
)
def test_other_errors_have_none(text: str) -> None:
    """Half a mark is no mark."""
    assert find_job_fault(text) is None
    assert find_job_fault(wrapped(DocumentFault("empty", "zero bytes"))) is None


def test_a_mark_with_a_code_of_nobody_is_passed_over() -> None:
    """A document's text may hold one; the run's own fault after it is found."""
    mark = str(JobFault("outage", "down"))
    assert find_job_fault(mark.replace("outage", "strange")) is None
    found = find_job_fault(f"{mark.replace('outage', 'strange')} {mark}")
    assert found is not None
    assert (found.code, found.message) == ("outage", "down")

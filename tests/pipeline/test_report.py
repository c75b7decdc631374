"""What a person sees: the table at the end, and the line while a run works."""

import io
import threading
from dataclasses import replace
from decimal import Decimal

import pytest
from rich.console import Console

from pipeline import progress_line
from pipeline.progress_line import Pace, ProgressLine, clock, describe
from pipeline.report import show
from sluicegate import progress
from sluicegate.codes import DOCUMENT_CODES
from sluicegate.progress import Progress
from sluicegate.summary import Summary

EVERYTHING = Summary(
    run_id="r1",
    started_at="2026-11-23T10:00:00+00:00",
    finished_at="2026-11-23T11:02:03+00:00",
    elapsed_seconds=3723.4,
    balanced=True,
    matched=12_345,
    landed=12_000,
    partly=0,
    rows=12_000,
    failures=300,
    skipped=45,
    journaled=2_345,
    records=12_000,
    failures_by_code={"encrypted": 250, "timeout": 50},
    tokens={
        "prompt_tokens": 6_000_000,
        "cached_tokens": 1_000_000,
        "output_tokens": 2_000_000,
        "thought_tokens": 500_000,
    },
    cost_usd="5.25",
    calls=10_100,
    calls_rejected_429=70,
    calls_retried=100,
    throttled_seconds=95.2,
    latency_ms={"p50": 1500, "p95": 3000, "p99": 12_340},
    rows_uri="p:d.t",
    failures_uri="gs://b/[x] :cat: failures/r1/failures-*.jsonl",
)


def text(summary: Summary, width: int = 160) -> str:
    """Return what is shown."""
    file = io.StringIO()
    show(summary, Console(file=file, width=width, highlight=False), "gs://b/summaries/r1.json")
    return file.getvalue()


def words(summary: Summary) -> str:
    """Return what is shown, each run of spaces as one."""
    return "\n".join(" ".join(line.split()) for line in text(summary).splitlines())


def test_the_table_says_everything_once() -> None:
    """Documents, calls, tokens, cost, latency, throttling, failures and places."""
    shown = words(EVERYTHING)
    for line in (
        "Run r1",
        "documents 12,345 = 12,000 rows + 300 failures + 45 skipped",
        "calls 10,100 100 retries, 70 answered 429, 2,345 from the journal, free",
        "tokens 8,500,000 6,000,000 in (1,000,000 cached), 2,500,000 out",
        "latency p50 1.50 s, p95 3.00 s, p99 12.34 s",
        "throttled 1:35 held back by the quota",
        "elapsed 1:02:03",
        "rows p:d.t",
        "summary gs://b/summaries/r1.json",
    ):
        assert line in shown
    assert "cost $5.2500" in shown


def test_what_is_in_the_files_is_shown_where_they_hold_several() -> None:
    """Records and pages each on a line that adds up, and why records failed."""
    assert "records" not in words(EVERYTHING)
    shown = words(
        replace(
            EVERYTHING, partly=2, rows=40_000, records=40_003, record_failures=3,
            record_failures_by_code={"schema_mismatch": 3}, pages=50_007, pages_in_records=50_000,
            pages_set_aside={"blank": 5, "uncited": 2},
        )
    )  # fmt: skip
    for line in (
        "documents 12,345 = 12,000 landed + 300 failures + 45 skipped",
        "records 40,003 = 40,000 rows + 3 failures; 2 documents landed in part",
        "pages 50,007 = 50,000 in records + 7 set aside (5 blank, 2 uncited)",
        "Failures of records",
        "schema_mismatch 3 a field has the wrong type or is missing see the message",
    ):
        assert line in shown


def tier(asked: str, served: str, responses: int, cost_usd: str | None) -> dict[str, object]:
    """Return what a summary says of one pair of tiers."""
    return {"asked": asked, "served": served, "responses": responses, "cost_usd": cost_usd}


def test_each_tier_that_served_is_shown_and_why_it_was_another() -> None:
    """Nothing is said of a standard run; of flex, what it was, what it became, what it lacked."""
    standard = replace(EVERYTHING, tiers=[tier("standard", "standard", 9, "5.25")])
    assert "at standard" not in words(standard)
    shown = words(
        replace(
            EVERYTHING,
            settings={"processing": "flex"},
            calls_without_capacity=1_200,
            tiers=[
                tier("flex", "flex", 10_000, "4.10"),
                tier("flex", "standard", 20, "0.15"),
                tier("standard", "standard", 80, None),
            ],
        )
    )
    assert "calls 10,100 100 retries, 70 answered 429, 1,200 without capacity," in shown
    assert "at flex 10,000 answers, $4.1000\n" in shown
    assert "at standard 20 answers, $0.1500, although flex was asked for" in shown
    late = "asked at standard for what met no capacity until its deadline"
    assert f"at standard 80 answers, unknown, {late}" in shown
    assert "throttled 1:35 held back for want of capacity" in shown


def test_files_that_were_left_out_are_shown() -> None:
    """They are in no other count."""
    assert "left out 7 files that are no documents (--exclude)" in words(
        replace(EVERYTHING, excluded=7)
    )
    assert "left out" not in words(EVERYTHING)


def test_each_failure_code_has_its_meaning_and_remedy() -> None:
    """Codes are shown with counts, what they mean and what to do."""
    shown = words(EVERYTHING)
    for code, count in EVERYTHING.failures_by_code.items():
        assert (
            f"{code} {count} {DOCUMENT_CODES[code].meaning} {DOCUMENT_CODES[code].remedy}" in shown
        )


def test_places_are_shown_as_they_are() -> None:
    """A path can be copied: no markup, no emoji, no line break in it."""
    assert EVERYTHING.failures_uri in text(EVERYTHING)
    long = replace(EVERYTHING, failures_uri="gs://bucket/" + "long/" * 60 + "x-*.jsonl")
    assert long.failures_uri in text(long, width=80)


def test_what_did_not_happen_is_not_shown() -> None:
    """A run without trouble has no line about failures, retries, throttling or latency."""
    quiet = replace(
        EVERYTHING, failures=0, failures_by_code={}, skipped=0, journaled=0, calls_retried=0,
        calls_rejected_429=0, throttled_seconds=0.4, latency_ms={"p50": 0, "p95": 0, "p99": 0},
    )  # fmt: skip
    shown = words(quiet)
    assert "documents 12,345 = 12,000 rows + 0 failures\n" in shown
    for word in (
        "Failures",
        "skipped",
        "retries",
        "429",
        "from the journal",
        "throttled",
        "latency",
    ):
        assert word not in shown


def test_lines_that_were_passed_over_are_shown() -> None:
    """Of the failure files that were replayed."""
    assert "lines of failure files" not in words(EVERYTHING)
    shown = words(replace(EVERYTHING, unusable_lines=1234))
    assert "passed over 1,234 lines of failure files that are no failure records" in shown


def test_an_unknown_cost_is_not_shown_as_zero() -> None:
    """Without a price the table says so."""
    shown = words(replace(EVERYTHING, cost_usd=None))
    assert "cost unknown the catalogue has no price for this model" in shown
    assert "$" not in shown


@pytest.mark.parametrize("width", [40, 80])
def test_a_narrow_terminal_takes_the_table(width: int) -> None:
    """Nothing fails and no number is lost on a small screen."""
    shown = text(EVERYTHING, width)
    for number in ("12,345", "10,100", "8,500,000", "$5.2500"):
        assert number in shown


def test_the_price_of_a_thousand_counts_what_was_paid_for() -> None:
    """Free answers of the journal and skipped documents do not make the rest look cheap."""
    paid = replace(EVERYTHING, matched=2000, rows=2000, failures=0, skipped=0, journaled=1000)
    assert "$5.25 per 1,000 documents" in words(paid)
    skipped = replace(paid, matched=3000, skipped=1000)
    assert "$5.25 per 1,000 documents" in words(skipped)


@pytest.mark.parametrize(
    ("now", "elapsed", "line"),
    [
        (Progress(), 0.0, "0 documents matched · 0:00"),
        (Progress(matched=1200), 61.4, "1,200 documents matched · 1:01"),
        (
            Progress(matched=500, done=120, failed=3, cost_usd=Decimal("0.0213")),
            30.0,
            "120 of 500 documents · 4.0/s · 3 failed · $0.0213 · 1:35 left",
        ),
        (
            Progress(matched=10, done=10, failed=0),
            2.0,
            "10 of 10 documents · 5.0/s · 0 failed · $0.0000 · 0:00 left",
        ),
        (Progress(matched=500, skipped=380), 3.0, "500 documents matched · 380 skipped · 0:03"),
        (
            Progress(matched=500, skipped=380, done=30),
            10.0,
            "30 of 120 documents · 380 skipped · 3.0/s · 0 failed · $0.0000 · 0:30 left",
        ),
        (Progress(matched=5, done=1), 0.0,
         "1 of 5 documents · 0 failed · $0.0000"),
    ],
)  # fmt: skip
def test_the_line_says_how_far_a_run_is(now: Progress, elapsed: float, line: str) -> None:
    """Done of total, rate, failures, cost and time left."""
    rate = now.done / elapsed if elapsed else 0.0
    assert describe(now, elapsed, rate) == line


@pytest.mark.parametrize(
    ("now", "still", "line"),
    [
        (Progress(matched=9), 12.0, "9 documents matched · held back by the quota · 1:10"),
        (
            Progress(matched=9, done=3, failed=1),
            12.0,
            "3 of 9 documents · 1 failed · $0.0000 · none for 0:12 · held back by the quota",
        ),
        (
            Progress(matched=9, done=9),
            12.0,
            "9 of 9 documents · 2.0/s · 0 failed · $0.0000 · 0:00 left",
        ),
        (
            Progress(matched=9, done=3),
            3.0,
            "3 of 9 documents · 2.0/s · 0 failed · $0.0000 · 0:03 left",
        ),
    ],
)  # fmt: skip
def test_the_line_says_when_it_stands_still_and_why(now: Progress, still: float, line: str) -> None:
    """In place of a pace and of a time left that there are not; short gaps are none."""
    assert describe(now, 70.0, 2.0, still, "held back by the quota") == line


def test_the_pace_is_real_from_the_first_documents_on() -> None:
    """Neither the time before them slows it, nor do they, who began together, hurry it."""
    pace = Pace()
    assert pace.rate() == 0.0
    for second in range(20):
        pace.add(100.0 + second, 0)
    assert pace.still_seconds(119.0) == 19.0
    pace.add(120.0, 8)
    assert pace.rate() == 8.0
    for second in range(1, 11):
        pace.add(120.0 + second, 8 + 2 * second)
        assert pace.rate() == 2.0
    assert pace.still_seconds(130.0) == 0.0


def test_the_pace_is_of_the_last_half_minute() -> None:
    """A change is seen; a stop is none at all."""
    pace = Pace()
    for second in range(100):
        pace.add(float(second), 10 * second if second < 50 else 500 + second - 50)
    assert pace.rate() == pytest.approx(1.0, abs=0.1)
    for second in range(100, 140):
        pace.add(float(second), 550)
    assert pace.rate() == 0.0
    assert pace.still_seconds(139.0) == 39.0


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0:00"), (0.4, "0:00"), (59.6, "1:00"), (61, "1:01"), (3599.5, "1:00:00"),
     (3723.4, "1:02:03"), (360_000, "100:00:00")],
)  # fmt: skip
def test_the_clock_rolls_over(seconds: float, shown: str) -> None:
    """Minutes have two digits once there are hours; no 0:60."""
    assert clock(seconds) == shown


class Heard(io.StringIO):
    """A file that tells when a line was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.line = threading.Event()

    def write(self, text: str, /) -> int:
        """Write, and tell of a finished line."""
        written = super().write(text)
        if "\n" in text:
            self.line.set()
        return written


def test_a_log_gets_whole_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no terminal, a plain line comes now and then."""
    monkeypatch.setattr(progress_line, "_LOG_EVERY_SECONDS", 0.01)
    file = Heard()
    with ProgressLine("r-log", Console(file=file), enabled=True):
        progress.count("r-log", matched=7)
        file.line.clear()
        assert file.line.wait(10)
    lines = file.getvalue().splitlines()
    assert lines[-1].startswith("7 documents matched · 0:0")
    assert "\x1b" not in file.getvalue()


def test_a_terminal_gets_one_line_that_is_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the line is drawn in place and leaves nothing behind."""
    monkeypatch.setattr(progress_line, "_REFRESH_SECONDS", 0.01)
    file = Heard()
    console = Console(file=file, force_terminal=True, width=100)
    drawn = threading.Event()
    real = progress.current

    def current(run_id: str) -> Progress:
        if real(run_id).matched:
            drawn.set()
        return real(run_id)

    monkeypatch.setattr(progress, "current", current)
    with ProgressLine("r-live", console, enabled=True):
        progress.count("r-live", matched=3)
        assert drawn.wait(10)
    assert "3 documents matched" in file.getvalue()
    assert file.getvalue().endswith(("\x1b[2K", "\x1b[?25h"))


def test_a_run_that_is_not_watched_counts_nothing() -> None:
    """Off means no thread and no counting, and an error inside the block goes on its way."""
    before = threading.active_count()
    with ProgressLine("r-off", Console(file=io.StringIO()), enabled=False):
        progress.count("r-off", matched=1)
        assert threading.active_count() == before
        assert progress.current("r-off") == Progress()
    with (
        pytest.raises(ZeroDivisionError),
        ProgressLine("r-on", Console(file=io.StringIO()), enabled=True),
    ):
        raise ZeroDivisionError
    assert threading.active_count() == before
    assert progress.current("r-on") == Progress()

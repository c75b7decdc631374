"""Flags of `run`: what it will cost, and what it may cost at most."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from pipeline.flags.flag import Form, flag
from pipeline.flags.kinds import Exact, Whole

_flag = partial(flag, group="what it may cost")


@dataclass(frozen=True, kw_only=True)
class CostFlags:
    """The price before the run, and the ceiling during it."""

    estimate: int | None = _flag(
        Whole(0, 100_000, regex=r"^[0-9]+$", without_value="200"),
        "Say what the run would cost, and do no more: count documents and pages, really ask about "
        "so many of them, spread over kinds and sizes (their answers are kept, the run that "
        "follows pays for the rest), and show dollars at every tier with a 95 % interval, tokens "
        "and hours. --estimate=0 asks nothing and is rough. Works from this machine, whatever "
        "--runner is.",
        example="200",
        form=Form(shown=False),
    )
    max_cost_usd: Decimal | None = _flag(  # noqa: RUF009 - it returns a field
        Exact(0.0001, 1e9),
        "Dollars that the run may pay. Calls end before that would be passed by more than what is "
        "in flight; everything answered lands, the rest waits for the next run, and the exit code "
        "is 5. Re-asked and fallback calls count, and so does what lost replies may have cost. All "
        "worker processes share it.",
        otherwise="no ceiling",
        metavar="USD",
        example="25",
    )

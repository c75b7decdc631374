"""What Sluicegate is to reach, by what is known of the quota and what else rejects."""

from benchmarks.scenario import Goal


def lost_nothing(*peers: str) -> tuple[Goal, ...]:
    """Return the goals that no document is lost or left over."""
    return tuple(
        Goal(name, figure, at_least=False, bound=0)
        for name in peers
        for figure in ("lost", "not_done")
    )


def shared(peer: str, goodput: float) -> tuple[Goal, ...]:
    """Return what several processes of one peer are to reach besides."""
    return (
        Goal(peer, "together", at_least=True, bound=goodput),
        Goal(peer, "share", at_least=True, bound=0.5),
    )


def learnt(*, shares: bool = False, goodput: float = 0.97, waste: float = 0.02) -> tuple[Goal, ...]:
    """Return the goals of a quota that is not known."""
    goals = [
        Goal("sluicegate", "goodput_later", at_least=True, bound=goodput),
        Goal("sluicegate", "waste_later", at_least=False, bound=waste),
        *lost_nothing("sluicegate"),
    ]
    if shares:
        goals += shared("sluicegate", goodput)
    else:
        goals.append(Goal("sluicegate", "waste_first", at_least=False, bound=0.03))
    return tuple(goals)


def given(*, shares: bool = False, goodput: float = 0.98) -> tuple[Goal, ...]:
    """Return the goals of a quota that is known; of several processes each knows its part."""
    goals = [
        Goal("sluicegate-known", "goodput_later", at_least=True, bound=goodput),
        Goal("sluicegate-known", "waste", at_least=False, bound=0.001),
        *lost_nothing("sluicegate-known"),
    ]
    return (*goals, *shared("sluicegate-known", goodput)) if shares else tuple(goals)


# A quota that is not known and changes.
STEPPED = (
    Goal("sluicegate", "goodput", at_least=True, bound=0.93),
    Goal("sluicegate", "waste", at_least=False, bound=0.03),
    *lost_nothing("sluicegate"),
)


def by_chance(chance: float) -> tuple[Goal, ...]:
    """Return the goals beside a quota where that share of calls is rejected at any rate."""
    return (
        Goal("sluicegate", "goodput_later", at_least=True, bound=0.95),
        Goal("sluicegate", "waste", at_least=False, bound=round(chance + 0.02, 3)),
        *lost_nothing("sluicegate"),
    )


def shared_by_chance(chance: float, *, waste: float) -> tuple[Goal, ...]:
    """Return those of several processes on one quota; ``waste`` is what they may waste besides."""
    return (
        Goal("sluicegate", "waste", at_least=False, bound=round(chance + waste, 3)),
        *lost_nothing("sluicegate"),
        *shared("sluicegate", 0.95),
    )


def in_waves(chance: float) -> tuple[Goal, ...]:
    """Return the goals where rejections by chance come and go; ``chance`` is that of the run."""
    return (
        Goal("sluicegate", "goodput", at_least=True, bound=0.92),
        Goal("sluicegate", "waste", at_least=False, bound=round(chance + 0.04, 3)),
        *lost_nothing("sluicegate"),
    )


def unlimited(chance: float) -> tuple[Goal, ...]:
    """Return the goals without a quota, which leaves goodput without a denominator."""
    return (
        Goal("sluicegate", "slowdown", at_least=False, bound=1.3),
        Goal("sluicegate", "waste", at_least=False, bound=round(chance + 0.02, 3)),
        *lost_nothing("sluicegate"),
    )


def unavailable(chance: float) -> tuple[Goal, ...]:
    """Return the goals where the model is overloaded for that share of calls."""
    bound = round(1.2 / (1 - chance), 3)
    return (
        Goal("sluicegate", "slowdown", at_least=False, bound=bound),
        *lost_nothing("sluicegate"),
    )

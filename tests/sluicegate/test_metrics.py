"""The metrics: declared once, each with what it counts."""

from sluicegate import metrics


def test_the_table_has_every_metric() -> None:
    """A name of the module without a line would be a metric that nobody can read."""
    names = {
        value
        for name, value in vars(metrics).items()
        if name.isupper() and isinstance(value, str) and name != "NAMESPACE"
    }
    assert names == set(metrics.COUNTERS)
    assert "| `cost_micro_usd` | millionths of a dollar" in metrics.reference()

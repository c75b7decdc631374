"""How the stand-in behaves: one frozen value, from code, the command line or JSON at run time."""

import argparse
import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from emulators.gemini.faults import FaultRule

MEGABYTE = 1024 * 1024


def _setting(help_text: str, default: Any = None) -> Any:
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Latency, quotas, keys and faults; every field is also a command-line flag.

    Durations are seconds, sizes bytes. Raises ``ValueError`` for values out of range.
    """

    latency: float = _setting("median seconds from admission to answer (default: 0)", default=0.0)
    latency_sigma: float = _setting("sigma of the lognormal latency; 0.5 is lifelike", default=0.0)
    flex_latency: float | None = _setting("the same of a flex call (default: latency)")
    flex_shed: float = _setting(
        "share of flex calls that there is no capacity for, 0 to 1: 503, on Vertex AI 429",
        default=0.0,
    )
    flex_ignored: bool = _setting(
        "serve and bill at standard what asks for flex, as regional endpoints do", default=False
    )
    seed: int = _setting("seed of latencies and of whom faults choose", default=0)
    requests_per_minute: int | None = _setting("admit so many calls a minute, 429 the rest")
    burst: int | None = _setting("calls saved up at most (default: one second's worth)")
    tokens_per_minute: int | None = _setting("admit calls while prompt tokens are left")
    requests_per_day: int | None = _setting("admit so many calls a day")
    max_concurrency: int | None = _setting("admit so many calls at a time")
    requests_schedule: str | None = _setting(
        "requests_per_minute from so many seconds after a project's first call on: "
        "'60=480,120=1800'"
    )
    quota_per_project: bool = _setting(
        "every project has these quotas for itself; it is the API key up to its first dot",
        default=False,
    )
    quota_kind: str = _setting(
        "'bucket' (even refill) or 'window' (whole minutes)", default="bucket"
    )
    quota_failure: bool = _setting("Developer API 429s carry QuotaFailure", default=True)
    retry_info: bool = _setting("Developer API 429s carry RetryInfo", default=True)
    help_link: bool = _setting("Developer API 429s carry Help", default=True)
    api_key: str | None = _setting("the only key or token accepted (default: any, or none)")
    models: tuple[str, ...] = _setting(
        "the only models that exist (default: any gemini-N…)", default=()
    )
    inline_limit_bytes: int = _setting("largest request (default: 20 MB)", default=20 * MEGABYTE)
    developer_reads_gs: bool = _setting(
        "the Developer API too accepts gs:// file URIs", default=False
    )
    schema_states: int | None = _setting("refuse schemas estimated above so many states")
    thoughts_tokens: int = _setting("thought tokens of an answer unless thinking is off", default=0)
    cached_share: float = _setting(
        "share of the prompt's text reported as cached, 0 to 1", default=0.0
    )
    log_limit: int = _setting("how many requests are remembered", default=10_000)
    faults: tuple[FaultRule, ...] = _setting("fault rules", default=())

    def __post_init__(self) -> None:
        if self.quota_kind not in {"bucket", "window"}:
            message = f"quota_kind is {self.quota_kind!r}; expected 'bucket' or 'window'"
            raise ValueError(message)
        for name in ("requests_per_minute", "tokens_per_minute", "burst", "max_concurrency"):
            value = getattr(self, name)
            if value is not None and value < 1:
                message = f"{name} is {value}; expected at least 1, or null for no limit"
                raise ValueError(message)
        if min(self.latency, self.latency_sigma, self.flex_latency or 0.0) < 0:
            message = "latency, flex_latency and latency_sigma are at least 0"
            raise ValueError(message)
        if not 0 <= self.flex_shed <= 1:
            message = f"flex_shed is {self.flex_shed}; expected a number from 0 to 1"
            raise ValueError(message)

        if self.requests_schedule and self.requests_per_minute is None:
            message = "requests_schedule changes requests_per_minute; give both"
            raise ValueError(message)
        self.steps()

    def steps(self) -> tuple[tuple[float, int], ...]:
        """Return `requests_schedule` as (seconds, calls a minute), in order of time.

        Raises ``ValueError`` for text that is none.
        """
        found = []
        for step in filter(None, (self.requests_schedule or "").split(",")):
            seconds, equals, limit = step.partition("=")
            try:
                found.append((float(seconds), int(limit)))
            except ValueError:
                equals = ""
            if not equals or found[-1][0] < 0 or found[-1][1] < 1:
                message = f"{step!r} in requests_schedule is not SECONDS=CALLS, such as 60=480"
                raise ValueError(message)
        return tuple(sorted(found))

    def changed(self, given: Mapping[str, Any]) -> Self:
        """Return this behaviour with some settings replaced; raises ``ValueError``."""
        known = {each.name for each in dataclasses.fields(self)}
        if unknown := sorted(set(given) - known):
            message = f"unknown settings {unknown}; expected some of {sorted(known)}"
            raise ValueError(message)
        changes = dict(given)
        if "faults" in changes:
            changes["faults"] = tuple(
                rule if isinstance(rule, FaultRule) else FaultRule.from_mapping(rule)
                for rule in changes["faults"]
            )
        if "models" in changes:
            changes["models"] = tuple(changes["models"])
        try:
            return dataclasses.replace(self, **changes)
        except TypeError as error:
            message = f"a setting has the wrong type: {error}"
            raise ValueError(message) from error

    def as_json(self) -> dict[str, Any]:
        """Return the behaviour as JSON-ready values, in the form `changed` takes."""
        return dataclasses.asdict(self)


# What the text of a flag is turned into, by the type of its setting.
_NUMBERS: Mapping[Any, type] = {float: float, float | None: float, int: int, int | None: int}


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add a flag for every setting of a behaviour."""
    group = parser.add_argument_group("behaviour (changeable at run time, see below)")
    for each in dataclasses.fields(Behaviour):
        flag = "--" + each.name.replace("_", "-")
        text = str(each.metadata["help"])
        if each.name == "faults":
            group.add_argument(
                "--fault",
                action="append",
                default=[],
                type=_fault,
                metavar="NAME[,KEY=VALUE…]",
                help="a fault rule, e.g. http_503,share=0.05,times=1 (of the documents) or "
                "http_429,chance=0.1 (of the calls), or a JSON object; repeatable",
            )
        elif each.name == "models":
            group.add_argument("--model", action="append", default=[], metavar="NAME", help=text)
        elif isinstance(each.default, bool):
            group.add_argument(
                flag, action=argparse.BooleanOptionalAction, default=each.default, help=text
            )
        else:
            kind = _NUMBERS.get(each.type, str)
            metavar = "TEXT" if kind is str else "N"
            group.add_argument(flag, type=kind, default=each.default, metavar=metavar, help=text)


def from_flags(options: argparse.Namespace) -> Behaviour:
    """Return the behaviour that parsed flags describe; raises ``ValueError``."""
    given = {
        each.name: getattr(options, each.name)
        for each in dataclasses.fields(Behaviour)
        if each.name not in {"faults", "models"}
    }
    return Behaviour(**given, faults=tuple(options.fault), models=tuple(options.model))


def _fault(text: str) -> FaultRule:
    try:
        if text.lstrip().startswith("{"):
            return FaultRule.from_mapping(json.loads(text))
        return FaultRule.from_text(text)
    except (ValueError, TypeError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error

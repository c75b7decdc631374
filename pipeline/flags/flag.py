"""What a flag is: one line of a table, from which everything that knows of flags is made.

A table is a frozen dataclass whose fields are made by `flag`: the field's name is the flag's, its
annotation the type of the judged value. An instance holds the judged values of one command line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any, TypeVar

from pipeline.flags.kinds import Kind
from sluicegate.faults import UsageFault

Table = TypeVar("Table")
_KEY = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How the form of the Flex Template shows a flag, where its kind does not say it.

    `parameter_type` is one of Dataflow's (API v1b3, `TemplateMetadata`). A flag with a `parent` is
    shown beside it: where the parent has any value, or one of `parent_values`.
    """

    label: str = ""  # "": the flag's name in words
    parameter_type: str = ""
    regexes: tuple[str, ...] = ()
    parent: str = ""
    parent_values: tuple[str, ...] = ()
    shown: bool = True  # False for what only makes sense on the machine of whoever asks


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One flag of a command."""

    name: str = ""
    kind: Kind
    group: str
    says: str  # what --help says before the default
    default: Any = None  # None: there is none
    otherwise: str = ""  # what happens without a value, where no value can be named as the default
    required: str = ""  # what to give, in the sentence about its absence; "": it may be left out
    metavar: str = ""
    example: str = ""  # of a value that a template's job takes
    in_summary: bool = True  # under its own name; else Settings.describe() says it otherwise
    form: Form = Form()

    @property
    def default_text(self) -> str:
        """The default as a person would type it; "" where there is none."""
        if self.default is None:
            return ""
        return str(self.default).lower() if isinstance(self.default, bool) else str(self.default)

    @property
    def without(self) -> Any:
        """The judged value of a flag that was not given."""
        if self.default is None:
            return self.kind.absent
        return self.kind.read(f"--{self.name}", self.default_text)

    @property
    def help(self) -> str:
        """The text of --help: what it is, then what holds without it."""
        if self.required:
            return f"{self.says} Required."
        without = self.default_text or self.otherwise
        return f"{self.says} Default: {without}." if without else self.says

    @property
    def placeholder(self) -> str | None:
        """What --help calls its value; None: the flag's name in capitals."""
        return self.metavar or self.kind.metavar or None


def flag(kind: Kind, says: str, *, group: str, **more: Any) -> Any:
    """Return the field of a table for a flag; `more` is what else a `Flag` has."""
    made = Flag(kind=kind, says=says, group=group, **more)
    return field(default=made.without, metadata={_KEY: made})


def flags_of(table: type[Any]) -> tuple[Flag, ...]:
    """Return the flags of a table, in its order, which is that of --help."""
    return tuple(
        replace(each.metadata[_KEY], name=each.name)
        for each in fields(table)
        if _KEY in each.metadata
    )


def judge(table: type[Table], given: Mapping[str, Any]) -> Table:
    """Return the values of texts; raise UsageFault with one sentence for the first that is wrong.

    Empty text is a flag that was not given: so does a template pass what nobody filled in.
    """
    values = {}
    for each in flags_of(table):
        text = given.get(each.name)
        if text not in (None, "", []):
            values[each.name] = each.kind.read(f"--{each.name}", text)
        elif each.required:
            raise UsageFault(f"--{each.name} is required: {each.required}")
    return table(**values)


def described(values: object) -> dict[str, Any]:
    """Return judged values as plain JSON, for the summary; None for what is empty."""
    return {
        each.name: _plain(getattr(values, each.name))
        for each in flags_of(type(values))
        if each.in_summary
    }


def by_group(table: type[Any]) -> dict[str, list[Flag]]:
    """Return the flags of a table by the title of their group, both in the table's order."""
    groups: dict[str, list[Flag]] = {}
    for each in flags_of(table):
        groups.setdefault(each.group, []).append(each)
    return groups


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return None if value == "" else value

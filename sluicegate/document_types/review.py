"""When a row needs a person's look: the rule of a document type, under `review:` in its file."""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Doubtful = Literal["similar", "absent", "unread", "exact_many", "derived"]


class ReviewRule(BaseModel):
    """Which facts make a value doubtful, and with it the row. All but `found` are on or off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    found: Annotated[
        tuple[Doubtful, ...], Field(description="ways of finding that make a value doubtful")
    ] = ("similar", "absent")
    labels: Annotated[
        bool, Field(description="another value of its kind stands beside the field's label")
    ] = True
    columns: Annotated[
        bool, Field(description="a number stands in its row, in another column than the others")
    ] = True
    sums: Annotated[
        bool, Field(description="lines add up to nothing printed, or the page has one more")
    ] = True
    empty: Annotated[
        bool, Field(description="the row has no value, and the page has one at the field's label")
    ] = True
    warnings: Annotated[
        bool, Field(description="a check of the type has found something: the row, not one value")
    ] = True
    ignore: Annotated[
        tuple[str, ...],
        Field(description="fields that are never doubted, as `line_items.description`"),
    ] = ()

    def leaves_out(self, names: tuple[str, ...]) -> bool:
        """Tell whether a field, or what it is in, is never doubted."""
        if not self.ignore:
            return False
        return any(".".join(names[:length]) in self.ignore for length in range(1, len(names) + 1))


def reference() -> str:
    """Return the table of the rule's keys, in Markdown."""
    lines = ["| key | default | what it says |", "|---|---|---|"]
    for name, info in ReviewRule.model_fields.items():
        default = info.default
        shown = str(default).lower() if isinstance(default, bool) else ", ".join(default) or "–"
        lines.append(f"| `{name}` | {shown} | {info.description} |")
    words = ", ".join(f"`{word}`" for word in get_args(Doubtful))
    return "\n".join((*lines, "", f"`found` takes {words}.", ""))

"""What a request says about its window: which pages are attached, and what stands before them.

The rule is part of the request's identity; the lines of context follow from the document.
"""

from collections.abc import Sequence

from sluicegate.windows.plan import Window

# Raise it when a change to what is said must not reuse the answers of before.
FORMAT = 1
# By this the attached pages can be told from a whole document.
OPENING = "The attached file holds pages"

_RULE_ONE = """\
Return only what is printed on the attached pages: null for every field that they do not show, and \
in lists only the lines that stand on them, in order. Totals and balances that are carried from \
page to page are not the document's own: for those return null."""
_RULE_MANY = """\
Count pages from 1 within the attached file, whatever numbers are printed. Return each record that \
these pages show, and in its lists only the lines that stand on them. Where the first pages go on \
with a record that began before them, return that record first, with first_page 0 and null for \
every field that these pages do not show. For a record that goes on after them return what is \
here; totals carried from page to page are not its own."""
_CONTEXT = """\
For orientation, the last lines of text of page {page}, which is not attached. Never return them, \
nor a line that began there:"""


def instruction(window: Window, context: Sequence[str], *, many: bool) -> str:
    """Return the text that goes with a window; `context` are the last lines before it."""
    said = [
        f"{OPENING} {window.first} to {window.last} of a document of {window.of} pages.",
        _RULE_MANY if many else _RULE_ONE,
    ]
    if context:
        said.append(_CONTEXT.format(page=window.first - 1))
        said += [f"  | {line}" for line in context]
    return "\n".join(said) + "\n"

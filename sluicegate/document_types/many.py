"""Many records in one document: what is asked beside the record's own schema, and in which words.

The author of a type writes the schema of one record. An answer about a document of a type for many
is one object, whether it came from one call or was put together from several:

    {"record_count": 2,                                   how many records the document holds
     "records": [{"first_page": 1, "last_page": 2,        pages of the file, from 1
                  "values": {…one record…}}, …],
     "set_aside": [{"page": 3, "reason": "blank"}, …]}    pages that belong to no record

The count is asked in the same answer, and before the records: of 18 sheets with several records, 18
were counted exactly by a model that also lists them, at 2 % more input tokens (study of AWS's
document accelerator, pull requests 715 and 753). A count that the list falls short of is how a
dropped record is seen.
"""

from typing import Final, Literal

Records = Literal["one", "many"]

RECORD_COUNT: Final = "record_count"
RECORDS: Final = "records"
FIRST_PAGE: Final = "first_page"
LAST_PAGE: Final = "last_page"
VALUES: Final = "values"
SET_ASIDE: Final = "set_aside"
PAGE: Final = "page"
REASON: Final = "reason"

# Why a page belongs to no record, as the model may say it.
REASONS: Final = ("blank", "cover", "terms", "other")

# What follows the type's own prompt, which speaks of one document.
PROMPT: Final = """
The file may hold any number of such documents, on one page or over several: each is one record, \
and what is said above of a document holds for each record by itself.
record_count: how many records the file holds; count them before you list them.
records: every record once, in the order of the pages, none left out, merged or split. A head that \
is repeated on the next page, or a table that goes on there, continues its record; another number, \
party or date begins the next one.
first_page, last_page: the pages of the file that the record stands on, counted from 1, whatever \
numbers are printed on them.
set_aside: every page that belongs to no record, and why: blank, cover, terms or other.
If there is no such document in the file, return 0 and empty lists.
"""

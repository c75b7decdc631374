"""What a type says of long documents: pages of a call, and what is done about a short answer.

Apart from the types themselves, which take half a second to build: --help shows these.
"""

from typing import Final, Literal

# Pages that one call is asked about, of types that say nothing else. Lists are known to go short
# from 17 to 21 pages on, or 800 rows, in silence (AWS's IDP accelerator, pull request 659 and its
# extraction-scaling-guide): at 50 rows a page this is half of that.
WINDOW_PAGES: Final = 8
WINDOW_PAGES_OF_STATEMENTS: Final = 5  # of some 50 lines: a third of what goes short

# What happens to an answer that is seen to be short.
Incomplete = Literal["warn", "reask", "fail"]

"""The currency of a document: named outright, or settled by its signs and its country."""

import re
from collections import Counter
from collections.abc import Iterable

from sluicegate.evidence.currencies import CODES, NAMES, SHARED, SIGN, SIGN_MARK, code_of
from sluicegate.evidence.tokens import fold, words_of

# A sign or code as it stands beside an amount.
MARK = rf"(?:{'|'.join(sorted(CODES))}|{SIGN})"
_CODE_WORD = re.compile(rf"(?<![^\W_])({'|'.join(sorted(CODES))})(?![^\W_])")
# Words that only print in one country; the last resort, and what a shared sign means there.
_COUNTRIES = {
    "MYR": "sdn bhd,malaysia,kuala lumpur,selangor",
    "COP": "colombia,bogota,medellin",
    "CAD": "canada,ontario,quebec,toronto,vancouver,montreal",
    "AUD": "australia,sydney,melbourne,nsw,pty ltd",
    "NZD": "new zealand,auckland",
    "SGD": "singapore,pte ltd",
    "HKD": "hong kong",
    "MXN": "mexico,rfc",
    "CLP": "chile,santiago",
    "ARS": "argentina,buenos aires",
    "NOK": "norge,norway,oslo",
    "DKK": "danmark,denmark,kobenhavn,aps",
    "CNY": "china,shanghai,beijing",
    "EGP": "egypt,cairo",
    "SEK": "sweden,sverige,stockholm,goteborg",
    "JPY": "japan,tokyo,osaka",
    "CHF": "switzerland,schweiz,suisse,svizzera,zurich",
    "PLN": "polska,poland,warszawa,krakow",
    "USD": "united states,usa",
    "GBP": "united kingdom,england,london,scotland",
    "EUR": "deutschland,germany,france,espana,spain,italia,italy,portugal,nederland,"
    "netherlands,osterreich,austria,belgique,belgium,ireland,luxembourg,finland,greece",
}


def stated(text: str) -> str | None:
    """Return the currency that a text names outright: a code, a name, else a sign."""
    if match := _CODE_WORD.search(text.upper()):
        return match.group(1)
    folded = fold(text)
    for name, code in NAMES.items():
        if name in folded:
            return code
    return code_of(match.group()) if (match := SIGN_MARK.search(text)) else None


def majority(texts: Iterable[str]) -> str | None:
    """Return the currency that most of the signs and codes beside amounts mean."""
    votes: Counter[str] = Counter()
    for text in texts:
        votes.update(_CODE_WORD.findall(text))
        votes.update(code_of(match.group()) for match in SIGN_MARK.finditer(text))
    return votes.most_common(1)[0][0] if votes else None


def settle(mark: str | None, text: str) -> str | None:
    """Settle a shared sign, or no sign at all, by the country the document is from."""
    if mark in CODES:
        return mark
    padded = f" {' '.join(words_of(text))} "

    def seen(code: str) -> int:
        return sum(padded.count(f" {word} ") for word in _COUNTRIES[code].split(","))

    shared = SHARED.get(mark, ()) if mark else ()
    best = max(shared[1:] if mark else _COUNTRIES, key=seen, default="")
    if best and seen(best):
        return best
    return shared[0] if shared else None

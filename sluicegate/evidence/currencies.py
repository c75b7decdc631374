"""Currency names, codes and signs to ISO 4217."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from sluicegate.evidence.tokens import fold, words_of

CODES = frozenset(
    re.findall(
        "[A-Z]{3}",
        """AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY
        KRW KWD MAD MXN MYR NGN NOK NZD PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TND TRY TWD
        UAH USD UYU VND ZAR""",
    )
)
# A sign that several currencies share stands for itself until the country is known.
SHARED = {"$": "USD", "kr": "SEK", "¥": "JPY", "£": "GBP", "rs": "INR"}
_SIGNS = {
    **dict.fromkeys(("€", "Eur", "eur"), "EUR"),
    **dict.fromkeys(("C$", "CA$", "Can$"), "CAD"),
    **dict.fromkeys(("A$", "AU$"), "AUD"),
    **dict.fromkeys(("zł", "zl", "PLN."), "PLN"),
    **dict.fromkeys(("Fr.", "SFr.", "SFr", "sFr."), "CHF"),
    **dict.fromkeys(("س.ر", "ر.س"), "SAR"),
    **dict.fromkeys(("$", "＄"), "$"),
    **dict.fromkeys(("¥", "￥"), "¥"),
    **dict.fromkeys(("kr", "Kr", "kr.", "Kr."), "kr"),
    **dict.fromkeys(("Rs", "Rs."), "rs"),
    "£": "£",
    "US$": "USD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "S$": "SGD",
    "R$": "BRL",
    "MX$": "MXN",
    "Kč": "CZK",
    "Ft": "HUF",
    "lei": "RON",
    "RM": "MYR",
    "₹": "INR",
    "₺": "TRY",
    "₽": "RUB",
    "₩": "KRW",
    "₪": "ILS",
    "฿": "THB",
    "₫": "VND",
    "₴": "UAH",
    "円": "JPY",
    "元": "CNY",
}
_NAMES = {
    "euro": "EUR",
    "euros": "EUR",
    "dollars": "USD",
    "us dollar": "USD",
    "united states dollar": "USD",
    "pound sterling": "GBP",
    "pounds sterling": "GBP",
    "sterling": "GBP",
    "swiss franc": "CHF",
    "schweizer franken": "CHF",
    "franken": "CHF",
    "francs suisses": "CHF",
    "franchi svizzeri": "CHF",
    "yen": "JPY",
    "zloty": "PLN",
    "zlotych": "PLN",
    "swedish krona": "SEK",
    "kronor": "SEK",
    "ringgit": "MYR",
}
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
_OF_SHARED = {
    "$": ("CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "COP", "CLP", "ARS"),
    "kr": ("NOK", "DKK"),
    "¥": ("CNY",),
    "£": ("EGP",),
    "rs": (),
}
_SIGN = "|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True))
# A sign or code as it stands beside an amount.
MARK = rf"(?:{'|'.join(sorted(CODES))}|{_SIGN})"
_CODE_WORD = re.compile(rf"(?<![^\W_])({'|'.join(sorted(CODES))})(?![^\W_])")
_SIGN_MARK = re.compile(
    rf"(?<![^\W\d_])(?:{_SIGN})(?=\s?-?\s?\d)|(?<=\d)\s?(?:{_SIGN})(?![^\W\d_])|[€£$¥₹]"
)

# The same for a look at every text of a page: what costs less is asked first.
_CAPITALS = re.compile(r"(?<![^\W_])[A-Z]{3}(?![^\W_])")
_SIGNED = re.compile(r"\d|[€£$¥₹]")
_NAME = re.compile(rf"(?<![^\W_])(?:{'|'.join(sorted(_NAMES, key=len, reverse=True))})(?![^\W_])")


def code_of(mark: str) -> str:
    """Turn a sign or code into its ISO code, or into the sign itself where it is shared."""
    mark = mark.strip()
    return mark if mark in CODES else _SIGNS.get(mark, mark)


def marks_in(text: str) -> Iterator[tuple[int, int, frozenset[str]]]:
    """Yield the codes, signs and names of currencies: (start, end, the codes each may mean)."""
    for match in _CAPITALS.finditer(text):
        if match.group() in CODES:
            yield match.start(), match.end(), frozenset((match.group(),))
    for match in _SIGN_MARK.finditer(text) if _SIGNED.search(text) else ():
        start = match.end() - len(match.group().lstrip())
        code = code_of(match.group())
        known = frozenset((code,)) if code in CODES else frozenset()
        shared = {*_OF_SHARED.get(code, ()), *filter(None, (SHARED.get(code),))}
        yield start, match.end(), known | shared
    for match in _NAME.finditer(fold(text)):
        yield match.start(), match.end(), frozenset((_NAMES[match.group()],))


def stated(text: str) -> str | None:
    """Return the currency that a text names outright: a code, a name, else a sign."""
    if match := _CODE_WORD.search(text.upper()):
        return match.group(1)
    folded = fold(text)
    for name, code in _NAMES.items():
        if name in folded:
            return code
    return code_of(match.group()) if (match := _SIGN_MARK.search(text)) else None


def majority(texts: Iterable[str]) -> str | None:
    """Return the currency that most of the signs and codes beside amounts mean."""
    votes: Counter[str] = Counter()
    for text in texts:
        votes.update(_CODE_WORD.findall(text))
        votes.update(code_of(match.group()) for match in _SIGN_MARK.finditer(text))
    return votes.most_common(1)[0][0] if votes else None


def settle(mark: str | None, text: str) -> str | None:
    """Settle a shared sign, or no sign at all, by the country the document is from."""
    if mark in CODES:
        return mark
    padded = f" {' '.join(words_of(text))} "

    def seen(code: str) -> int:
        return sum(padded.count(f" {word} ") for word in _COUNTRIES[code].split(","))

    choices = _OF_SHARED.get(mark, ()) if mark else tuple(_COUNTRIES)
    best = max(choices, key=seen, default=None)
    if best is not None and seen(best):
        return best
    return SHARED.get(mark) if mark else None

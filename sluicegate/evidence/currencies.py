"""Currency names, codes and signs to ISO 4217."""

import re
from collections.abc import Iterator

from sluicegate.evidence.tokens import fold

CODES = frozenset(
    re.findall(
        "[A-Z]{3}",
        """AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY
        KRW KWD MAD MXN MYR NGN NOK NZD PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TND TRY TWD
        UAH USD UYU VND ZAR""",
    )
)
# A sign that several currencies share stands for itself; the usual one of them is the first.
SHARED = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "COP", "CLP", "ARS"),
    "kr": ("SEK", "NOK", "DKK"),
    "¥": ("JPY", "CNY"),
    "£": ("GBP", "EGP"),
    "rs": ("INR",),
}
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
NAMES = {
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
SIGN = "|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True))
SIGN_MARK = re.compile(
    rf"(?<![^\W\d_])(?:{SIGN})(?=\s?-?\s?\d)|(?<=\d)\s?(?:{SIGN})(?![^\W\d_])|[€£$¥₹]"
)

# The same for a look at every text of a page: what costs less is asked first.
_CAPITALS = re.compile(r"(?<![^\W_])[A-Z]{3}(?![^\W_])")
_SIGNED = re.compile(r"\d|[€£$¥₹]")
_NAME = re.compile(rf"(?<![^\W_])(?:{'|'.join(sorted(NAMES, key=len, reverse=True))})(?![^\W_])")


def code_of(mark: str) -> str:
    """Turn a sign or code into its ISO code, or into the sign itself where it is shared."""
    mark = mark.strip()
    return mark if mark in CODES else _SIGNS.get(mark, mark)


def marks_in(text: str) -> Iterator[tuple[int, int, frozenset[str]]]:
    """Yield the codes, signs and names of currencies: (start, end, the codes each may mean)."""
    for match in _CAPITALS.finditer(text):
        if match.group() in CODES:
            yield match.start(), match.end(), frozenset((match.group(),))
    for match in SIGN_MARK.finditer(text) if _SIGNED.search(text) else ():
        start = match.end() - len(match.group().lstrip())
        code = code_of(match.group())
        yield start, match.end(), frozenset((code,) if code in CODES else SHARED.get(code, ()))
    for match in _NAME.finditer(fold(text)):
        yield match.start(), match.end(), frozenset((NAMES[match.group()],))

"""Companies that do not exist, in places that do not exist, with numbers nobody could hold."""

from dataclasses import dataclass
from random import Random

from samples.languages import Language, Market

_STARTS = (
    "Quor",
    "Zam",
    "Thrim",
    "Plover",
    "Brin",
    "Vex",
    "Mizzen",
    "Tarn",
    "Oblo",
    "Wick",
    "Fjell",
    "Göl",
    "Ång",
    "Pym",
    "Drav",
    "Kest",
    "Yarrow",
    "Snell",
    "Hux",
    "Ñan",
    "Çel",
    "Ibb",
    "Ørsk",
)
_ENDS = (
    "vix",
    "brel",
    "sel",
    "dash",
    "dlewick",
    "molo",
    "quist",
    "thwaite",
    "zephon",
    "lune",
    "gard",
    "ombe",
    "tavo",
    "rille",
    "nook",
    "paddle",
    "zanto",
    "fenn",
    "gusto",
    "müll",
    "ébo",
    "wright",
)


@dataclass(frozen=True, slots=True)
class Company:
    """A party to a document; every number on it is invalid on purpose, so that nobody owns it."""

    name: str
    street: str
    town: str
    country: str
    tax_id: str
    site: str
    account: str

    @property
    def address(self) -> tuple[str, str, str]:
        """The lines below the name."""
        return (self.street, self.town, self.country)


def _digits(rng: Random, count: int) -> str:
    return f"{rng.randrange(10**count):0{count}}"


def found(rng: Random, language: Language, market: Market, *, unlike: str = "") -> Company:
    """Invent a company of this market; its name does not begin as `unlike` does."""
    starts = [start for start in _STARTS if not unlike.startswith(start)]
    coined = rng.choice(starts) + rng.choice(_ENDS)
    name = f"{coined} {rng.choice(language.trades)} {rng.choice(market.legal_forms)}"
    postcode = "".join(_digits(rng, 1) if c == "#" else c for c in market.postcode)
    number = rng.randint(1, 180)
    street = rng.choice(language.streets)
    leading = language.code in {"en", "fr"}
    grouped = " ".join(_digits(rng, 4) for _ in range(3))
    return Company(
        name=name,
        street=f"{number} {street}" if leading else f"{street} {number}",
        town=postcode.format(town=rng.choice(market.towns)),
        country=market.country,
        # Neither a check digit of 00 nor a number of zeros is ever given out.
        tax_id=f"{market.code}00000{_digits(rng, 4)}",
        site=f"www.{_ascii(coined)}.example",
        account=f"IBAN {market.code}00 0000 {grouped}" if market.iban else f"0000 {grouped}",
    )


def _ascii(name: str) -> str:
    return name.lower().translate(str.maketrans("öåñçøüé", "oancoue"))

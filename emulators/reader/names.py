"""Company names: cutting them out of a line, and telling them from other text."""

import re

from sluicegate.evidence.tokens import fold, words_of

_FORMS = frozenset(
    words_of(
        """gmbh ag kg ohg ug ek gbr se inc llc ltd limited plc corp corporation co company llp lp
        sarl sas sasu sa eurl snc sl slu sau scp srl spa srls sagl lda unipessoal ltda bv nv vof cv
        oy ab as aps sp zoo spzoo sro kft doo bhd pty pte kk gk hb holding group stiftung verein
        cooperative societa"""
    )
)
SEPARATORS = re.compile(r"\s+[-–—|·•*/]\s+|\s*[|·•]\s*|,\s|\s{2,}|\s\((?=[\d\s]*\d{3})")
NOT_NAME = re.compile(
    r"@|www\.|https?:|\b(?:tel|fax|phone|page|seite|pagina|iban|bic|vat|ust|tva|nif|siret|p\.?\s?iva)\b"
    r"|^\W*$|^[\d\W]+$|\b(?:thank|danke|merci|gracias|grazie|obrigad|bedankt|original|copy|duplicate|"
    r"kopie|copie|copia|tax id|street|strasse|avenue|calle|p\.?o\.? box|welcome|customer)\b"
)
DOMAIN = re.compile(r"(?:@|www\.|https?://)([\w.-]+)\.[a-z]{2,}", re.IGNORECASE)
POSTCODE = re.compile(
    r"\b(?:[A-Z]{1,2}[- ]?)?\d{4,6}(?:-\d{3,4})?\b|\b\d{2}-\d{3}\b|\b\d{4}\s?[A-Z]{2}\b"
)


def clean_name(text: str) -> str:
    """Cut a line to the name at its start: no address, registration number or mark after it."""
    first = SEPARATORS.split(text.strip(" :|*-_#"), maxsplit=1)[0]
    # "Acme, Inc." keeps its form.
    tail = text.strip()[len(first) :].lstrip(" ,")
    form = tail.split(" ")[0].strip(".,").lower() if tail else ""
    if form in {"inc", "llc", "ltd", "lda", "sl", "sa"}:
        first = f"{first}, {tail.split(' ')[0].rstrip(',')}"
    return first.strip(" ,;:-–|*")


def is_name(name: str) -> bool:
    """Whether a text can be a company's name: mostly letters, and nothing else known."""
    letters = sum(letter.isalpha() for letter in name)
    if letters < 2 or letters <= 0.45 * len(name) or is_legal_form(name):
        return False
    return not NOT_NAME.search(fold(name))


def is_legal_form(name: str) -> bool:
    """Whether a text is nothing but a legal form, the rest of a name on the line above."""
    return all(word in _FORMS for word in words_of(name)) or squeezed(name) in _FORMS


def has_legal_form(name: str) -> bool:
    """Whether a name ends with or holds a legal form, such as GmbH or S.r.l."""
    words = words_of(name)
    if any(word in _FORMS for word in words[1:]):
        return True
    # "S.r.l." and "Sp. z o.o." fall into letters.
    return any("".join(words[-count:]) in _FORMS for count in (2, 3, 4) if count < len(words))


def squeezed(text: str) -> str:
    """Only the letters and digits of a text, folded."""
    return "".join(letter for letter in fold(text) if letter.isalnum())


def is_related(name: str, domain: str) -> bool:
    """Whether a web or mail domain is made from a name."""
    words = [word for word in words_of(name) if len(word) >= 4 and word not in _FORMS]
    whole = squeezed(name)
    return any(word in domain for word in words) or (len(domain) >= 5 and domain in whole)

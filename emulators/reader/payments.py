"""How a document was or is to be paid."""

from emulators.reader.reading import Reading
from sluicegate.evidence.tokens import words_of

# Canonical method to the words it is printed as, surest first.
METHODS = {
    "card": """credit card, debit card, bank card, visa, mastercard, maestro, amex, card,
        american express, kreditkarte, ec karte, girocard, kartenzahlung, karte, carte
        bancaire, carte de credit, carte, cb, tarjeta, tarjeta de credito, carta di
        credito, carta, bancomat, cartao, cartao de credito, multibanco, creditcard, pin,
        pinpas, bankpas, karta, kort, kontokort, contactless""",
    "cash": """cash, bar, barzahlung, bargeld, especes, efectivo, contanti, contante, contant,
        numerario, dinheiro, gotowka, kontant, metalico""",
    "bank_transfer": """bank transfer, wire transfer, transfer, wire, uberweisung, bankuberweisung,
        sepa uberweisung, virement, virement bancaire, transferencia, transferencia bancaria,
        bonifico, bonifico bancario, overschrijving, bankoverschrijving, przelew, bankoverforing,
        sepa, ach""",
    "direct_debit": """direct debit, lastschrift, sepa lastschrift, prelevement, domiciliacion,
        addebito diretto, debito direto, automatische incasso, incasso, autogiro, bankeinzug""",
    "check": "check, cheque, scheck, assegno, talon",
    "paypal": "paypal, pay pal",
    "mobile": "apple pay, google pay, mobile payment, swish, bizum, twint, mb way, blik, wero",
    "voucher": "voucher, gift card, gutschein, bon d achat, vale, buono",
}
_BY_FIRST: dict[str, list[tuple[tuple[str, ...], str]]] = {}
for _name, _listed in METHODS.items():
    for _phrase in map(words_of, _listed.split(",")):
        _BY_FIRST.setdefault(_phrase[0], []).append((_phrase, _name))


def method(reading: Reading) -> tuple[str, str] | None:
    """Return how a document is paid, as a canonical method and as printed; None if not said.

    A label such as "Payment method" decides, else a line that begins with a method and has an
    amount, as at the foot of a till slip.
    """
    for label in reading.labels("payment"):
        for text in (reading.after(label), *(cell.text for cell in reading.beside(label))):
            if found := canonical(text):
                return found, text
    for line in reversed(reading.lines):
        first = line.cells[0].text
        words = words_of(first)
        found = _named_at(words, 0) if 0 < len(words) <= 6 else None
        if found and any(amount.is_money for amount in reading.amounts(line.text)):
            return found, first
    return None


def canonical(text: str) -> str | None:
    """Return the canonical method that a text names first, None if it names none."""
    words = words_of(text)
    return next((found for at in range(len(words)) if (found := _named_at(words, at))), None)


def _named_at(words: tuple[str, ...], at: int) -> str | None:
    """Return the method named by the longest phrase that begins at a word."""
    fitting = [
        entry
        for entry in _BY_FIRST.get(words[at], ())
        if words[at : at + len(entry[0])] == entry[0]
    ]
    return max(fitting, key=lambda entry: len(entry[0]))[1] if fitting else None

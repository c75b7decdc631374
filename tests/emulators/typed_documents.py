"""Invented documents in several languages and layouts, and what is to be read in them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Typed:
    """A typed page and its truth; lines are (description, quantity, total) as text."""

    name: str
    text: str
    number: str
    vendor: str
    date: str
    currency: str
    total: str
    lines: tuple[tuple[str, str, str], ...]


ALL = (
    Typed(
        "english, labels above",
        """
        Northwind Traders Ltd.
        12 Harbour Road, Leeds LS1 4AB
                                                        INVOICE

        Bill to                 Invoice number      Invoice date      Due date
        Contoso Bakery          NW-2026-0042        03/04/2026        03/05/2026
        5 High Street
        London                  Order number        Customer ID
                                PO-7781             C-1002

        Description               Qty     Unit price       Amount
        Flour 25 kg                10         £12.50      £125.00
        Yeast, dried                4          £3.25       £13.00
        Delivery                    1         £15.00       £15.00

                                  Subtotal                £153.00
                                  VAT 20%                  £30.60
                                  Total due               £183.60
        Payment terms: 30 days. IBAN GB00 0000 0000 0000
        """,
        "NW-2026-0042",
        "Northwind Traders Ltd.",
        "2026-04-03",
        "GBP",
        "183.60",
        (
            ("Flour 25 kg", "10", "125.00"),
            ("Yeast, dried", "4", "13.00"),
            ("Delivery", "1", "15.00"),
        ),
    ),
    Typed(
        "english, month first",
        """
        Acme Rocket Supply, Inc.                                     Invoice
        77 Desert Road, Tucson, AZ 85701                             #1042
        Date: 4/5/2026

        BILL TO:                          SHIP TO:
        W. E. Services LLC                Same
        1 Canyon Way

        Qty   Description                Rate        Amount
        2     Rocket skates              499.00      998.00
        1     Consulting, hourly         150.00      150.00
                                         Subtotal    1,148.00
                                         Sales tax   91.84
                                         TOTAL       USD 1,239.84
                                         Deposit paid  (500.00)
                                         Balance due   739.84
        """,
        "1042",
        "Acme Rocket Supply, Inc.",
        "2026-04-05",
        "USD",
        "1239.84",
        (("Rocket skates", "2", "998.00"), ("Consulting, hourly", "1", "150.00")),
    ),
    Typed(
        "english, yen",
        """
        INVOICE                                        Sakura Parts K.K.
        Invoice #: 20260317                            1-2-3 Minato, Tokyo, Japan
        Date: March 17, 2026
        To: Globex Ltd

        Item              Quantity    Price       Total
        Bearing 6204      12          ¥1,250      ¥15,000
        Shaft             3           ¥8,400      ¥25,200
        Subtotal                                  ¥40,200
        Consumption tax (10%)                     ¥4,020
        Total                                     ¥44,220
        """,
        "20260317",
        "Sakura Parts K.K.",
        "2026-03-17",
        "JPY",
        "44220",
        (("Bearing 6204", "12", "15000"), ("Shaft", "3", "25200")),
    ),
    Typed(
        "english, till slip",
        """
        CORNER CAFE
        12 Main St, Springfield, IL 62701
        Tel 555-0100
        Receipt No: 004512
        03/15/2026 12:44 PM   Table 4

        2 Cappuccino            9.00
        Blueberry Muffin
        1 x 3.75                3.75
        Subtotal               12.75
        Tax                     1.22
        Tip                     3.00
        Total                 $16.97
        VISA ****1234         $16.97
        Thank you!
        """,
        "004512",
        "CORNER CAFE",
        "2026-03-15",
        "USD",
        "16.97",
        (("Cappuccino", "2", "9.00"), ("Blueberry Muffin", "1", "3.75")),
    ),
    Typed(
        "polish",
        """
        Faktura VAT nr FV/12/03/2026
        Data wystawienia: 2026-03-12        Data sprzedaży: 2026-03-10
        Termin płatności: 2026-03-26
        Sprzedawca:                          Nabywca:
        Drukarnia Wisła Sp. z o.o.           Kawiarnia Pod Lipą
        ul. Długa 5, 31-147 Kraków           ul. Krótka 1, 00-001 Warszawa
        NIP: 000-000-00-00                   NIP: 111-111-11-11

        Lp.  Nazwa towaru lub usługi  Ilość  J.m.   Cena netto  Wartość netto  Wartość brutto
        1    Ulotki A5                1 000  szt.   0,25        250,00         307,50
        2    Projekt graficzny        2      godz.  120,00      240,00         295,20
                                      Razem                     490,00         602,70
        Do zapłaty: 602,70 PLN
        """,
        "FV/12/03/2026",
        "Drukarnia Wisła Sp. z o.o.",
        "2026-03-12",
        "PLN",
        "602.70",
        (("Ulotki A5", "1000", "250.00"), ("Projekt graficzny", "2", "240.00")),
    ),
    Typed(
        "french letter",
        """
        Menuiserie Dupré SARL
        8, rue du Port - 44000 Nantes
        Tél. 02 00 00 00 00

                                             Société Lumière
                                             14 avenue du Port
                                             75016 Paris

        Nantes, le 5 mars 2026

        Facture n° 2026-117
        Votre commande : BC 4471 du 12/02/2026

        Désignation                     Quantité   P.U. HT      Total HT
        Porte chêne massif              2          1 250,00 €   2 500,00 €
        Pose et réglages                8,5        45,00 €      382,50 €

                                        Total HT                2 882,50 €
                                        TVA 20 %                576,50 €
                                        Total TTC               3 459,00 €
                                        Acompte versé           1 000,00 €
                                        Net à payer             2 459,00 €
        """,
        "2026-117",
        "Menuiserie Dupré SARL",
        "2026-03-05",
        "EUR",
        "3459.00",
        (("Porte chêne massif", "2", "2500.00"), ("Pose et réglages", "8.5", "382.50")),
    ),
    Typed(
        "swiss german",
        """
        Uhren Müller AG · Bahnhofstrasse 1 · 8001 Zürich
        Rechnung
        Rechnungs-Nr.     R-88123
        Rechnungsdatum    12.03.2026
        Zahlbar bis       11.04.2026
        Kunden-Nr.        4711

        Bezeichnung            Anzahl   Preis        Betrag CHF
        Revision Chronograph   1        1'250.00     1'250.00
        Lederband              2        80.00        160.00
        Zwischensumme                                1'410.00
        MWST 8.1%                                    114.21
        Rundung                                      -0.01
        Gesamtbetrag CHF                             1'524.20
        """,
        "R-88123",
        "Uhren Müller AG",
        "2026-03-12",
        "CHF",
        "1524.20",
        (("Revision Chronograph", "1", "1250.00"), ("Lederband", "2", "160.00")),
    ),
    Typed(
        "dutch credit note",
        """
        Blauwe Reiger B.V.
        Keizersgracht 1, 1015 AA Amsterdam
        CREDITNOTA
        Creditnotanummer: CN-2026-009
        Factuurdatum: 1 april 2026
        Betreft factuur: F-2026-100
        Omschrijving        Aantal   Prijs      Bedrag
        Retour stoelen      -4       € 89,95    € -359,80
        Totaal excl. btw                        € -359,80
        BTW 21%                                 € -75,56
        Totaal incl. btw                        € -435,36
        """,
        "CN-2026-009",
        "Blauwe Reiger B.V.",
        "2026-04-01",
        "EUR",
        "-435.36",
        (("Retour stoelen", "-4", "-359.80"),),
    ),
    Typed(
        "spanish, two parties side by side",
        """
        FACTURA
        Número: 2026/0031          Fecha: 15/03/2026
        Emisor                     Cliente
        Talleres Quijote S.L.      Molinos La Mancha S.A.
        C/ Mayor 3                 Plaza España 1
        NIF B00000000              NIF A11111111
        Concepto                     Cant.   Precio     Importe
        Revisión general             1       120,00     120,00
        Filtro de aceite             2       9,95       19,90
        Base imponible                                  139,90
        IVA 21 %                                        29,38
        TOTAL FACTURA                                   169,28 €
        Vencimiento: 15/04/2026
        """,
        "2026/0031",
        "Talleres Quijote S.L.",
        "2026-03-15",
        "EUR",
        "169.28",
        (("Revisión general", "1", "120.00"), ("Filtro de aceite", "2", "19.90")),
    ),
    Typed(
        "italian",
        """
        Fattura n. 45/2026 del 10/03/2026
        Cedente/prestatore: Officina Lampo S.r.l.
        Via Roma 1, 20100 Milano - P.IVA 00000000000
        Cliente: Molino Vecchio S.p.A.
        Descrizione              Q.tà   Prezzo   IVA   Importo
        Manodopera               3,5    40,00    22    140,00
        Ricambi                  1      60,50    22    60,50
        Imponibile               200,50
        IVA                      44,11
        Totale documento         244,61
        Scadenza 10/04/2026
        Importi in EUR
        """,
        "45/2026",
        "Officina Lampo S.r.l.",
        "2026-03-10",
        "EUR",
        "244.61",
        (("Manodopera", "3.5", "140.00"), ("Ricambi", "1", "60.50")),
    ),
    Typed(
        "portuguese, item codes",
        """
        Padaria Estrela Lda
        Rua Nova 10, 4000-100 Porto
        Fatura FT 2026/33
        Data de emissão        Data de vencimento     V/ Encomenda
        05-03-2026             04-04-2026             E-881
        Exmo(s) Sr(s)
        Hotel Central SA
        Artigo   Descrição        Qtd.   Preço Unit.   IVA   Total
        A1       Pão de forma     30     1,20          6%    36,00
        A2       Bolo             2      15,00         23%   30,00
        Total ilíquido     66,00
        Total IVA          9,06
        Total a pagar      75,06 €
        """,
        "FT 2026/33",
        "Padaria Estrela Lda",
        "2026-03-05",
        "EUR",
        "75.06",
        (("Pão de forma", "30", "36.00"), ("Bolo", "2", "30.00")),
    ),
    Typed(
        "swedish",
        """
        Fakturanr 10045
        Fakturadatum 2026-03-02
        Förfallodatum 2026-04-01
        Nordljus AB
        Storgatan 5, 111 22 Stockholm
        Beskrivning      Antal   À-pris    Belopp
        Konsulttimmar    10      950,00    9 500,00
        Summa exkl. moms                   9 500,00
        Moms 25%                           2 375,00
        Att betala                         11 875,00 kr
        """,
        "10045",
        "Nordljus AB",
        "2026-03-02",
        "SEK",
        "11875.00",
        (("Konsulttimmar", "10", "9500.00"),),
    ),
)

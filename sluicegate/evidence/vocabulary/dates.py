"""Labels of the date of issue, and of the other dates beside it."""

from sluicegate.evidence.phrases import Place, Table

DATES: Table = {
    ("date", Place.ANYWHERE, 100): """
        invoice date, date of invoice, issue date, date of issue, issued on, date issued, issued,
        bill date, billing date, invoiced on, invoice dated, credit note date, credit date, date
        of credit note, receipt date, date of receipt, document date, inv date, tax date, credit
        memo date, issuing date, transaction date, purchase date, date of purchase,
        rechnungsdatum, datum der rechnung, rechnungs datum, rechnung vom, ausstellungsdatum,
        belegdatum, fakturadatum, gutschriftsdatum, gutschriftdatum, ausgestellt am, rechnung
        datum, rg datum, datum der ausstellung, erstellungsdatum, dokumentdatum, date de facture,
        date de la facture, date facture, date de facturation, date d emission, facture du, date
        de l avoir, date d avoir, emise le, emis le, date de creation, date du document, facture
        en date du, date emission, date avoir, fecha de factura, fecha de la factura, fecha
        factura, fecha de emision, fecha emision, fecha de expedicion, fecha expedicion, fecha de
        facturacion, fecha del documento, fecha documento, fecha de abono, fecha de la nota de
        credito, data fattura, data della fattura, data di emissione, data emissione, data
        documento, data del documento, emessa il, data fatturazione, data di fatturazione, data
        nota di credito, data da fatura, data de fatura, data fatura, data de emissao, data
        emissao, data da emissao, data do documento, emitida em, emitido em, data da nota de
        credito, data de faturacao, factuurdatum, datum factuur, factuur datum, datum van factuur,
        datum van de factuur, datum creditnota, creditdatum, uitgiftedatum, factuur van, datum
        uitgifte, opgemaakt op, data wystawienia, data faktury, wystawiono dnia, data wystawienia
        faktury, wystawiono, data dokumentu, datum for faktura, fakturans datum, datum vystaveni,
        dato""",
    ("date", Place.START, 60): """
        date, dated, datum, fecha, data, dt, fecha y hora, date time, date heure, datum uhrzeit,
        data e hora, data ora, data e ora, le, date and time, datum en tijd, datum tijd, dd""",
    ("date_other", Place.ANYWHERE, 0): """
        due date, date due, payment due, payment due date, due on, due by, pay by, due, payable
        by, delivery date, date of delivery, ship date, shipping date, shipment date, shipped on,
        order date, date of order, po date, date ordered, service date, service period, period,
        date of supply, supply date, date of service, tax point, tax point date, value date,
        taxable event date, print date, printed on, billing period, valid until, expiry date, from
        date, statement date, payment date, date paid, paid on, start date, end date, contract
        date, terms, payment terms, terms of payment, invoice period, delivered on, arrival,
        departure, check in, check out, quote date, original invoice date, date of birth, customer
        since, expiration date, falligkeitsdatum, fallig am, fallig bis, fallig, zahlbar bis, zu
        zahlen bis, zahlungsziel, falligkeit, lieferdatum, leistungsdatum, liefer und
        leistungsdatum, liefer bzw leistungsdatum, liefer leistungsdatum, leistungs lieferdatum,
        lieferdatum leistungsdatum, bestelldatum, auftragsdatum, leistungszeitraum,
        lieferzeitraum, valutadatum, druckdatum, zahlungsdatum, liefertermin, bestellt am,
        geliefert am, bestellung vom, auftrag vom, zeitraum, versanddatum, lieferscheindatum,
        zahlbar innerhalb, bezahlt am, gultig bis, abrechnungszeitraum, date d echeance, echeance,
        date echeance, a payer avant le, payable avant le, date de livraison, date livraison,
        livraison le, date de commande, date commande, commande du, date de prestation, date d
        expedition, date de valeur, date limite de paiement, date de paiement, date de reglement,
        periode, a regler avant le, date limite, date d execution, livre le, date de vente,
        payable le, fecha de vencimiento, fecha vencimiento, vencimiento, vence, vence el, fecha
        de entrega, fecha entrega, fecha de pedido, fecha del pedido, fecha pedido, fecha de
        envio, fecha de pago, fecha de operacion, fecha limite, fecha limite de pago, periodo,
        fecha de servicio, fecha valor, data scadenza, data di scadenza, scadenza, scadenze, da
        pagare entro, data consegna, data di consegna, data ordine, data dell ordine, data
        spedizione, data di spedizione, data pagamento, data ddt, scadenza pagamento, data di
        pagamento, data valuta, data trasporto, entro il, ordine del, data de vencimento, data
        vencimento, vencimento, data limite, data de entrega, data entrega, data da encomenda,
        data de encomenda, data encomenda, data de expedicao, data de pagamento, data limite de
        pagamento, pagar ate, data de carga, data do pedido, data da entrega, data valor,
        vervaldatum, vervaldag, te betalen voor, uiterste betaaldatum, betaaldatum, betalen voor,
        leverdatum, leveringsdatum, orderdatum, besteldatum, datum levering, verzenddatum,
        geleverd op, betalingstermijn, prestatiedatum, datum bestelling, uiterlijk te betalen,
        datum order, termin platnosci, data platnosci, data sprzedazy, data dostawy, data
        zamowienia, termin zaplaty, data wykonania uslugi, data wykonania, data dokonania dostawy,
        forfallodatum, leveransdatum, betalas senast, betalningsvillkor, utskriftsdatum""",
}

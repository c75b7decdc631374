"""Labels of document numbers, and of the other numbers beside them."""

from sluicegate.evidence.phrases import Place, Table

NUMBERS: Table = {
    ("number", Place.ANYWHERE, 100): """
        invoice number, invoice no, invoice nr, invoice num, invoice #, invoice id, inv no, inv #,
        inv number, invoice reference, invoice ref, tax invoice no, tax invoice number, bill
        number, bill no, bill #, invoice code, invoice n, number of invoice, rechnungsnummer,
        rechnungsnr, rechnungs nr, rechnung nr, rechnung no, rechnung nummer, rechnungs nummer,
        rechnung #, re nr, rg nr, faktura nr, fakturanummer, faktura nummer, rechnungs no,
        fakturanr, belegnummer, beleg nr, belegnr, facture no, facture numero, facture n, numero
        de facture, no de facture, n de facture, numero facture, no facture, facture nr, n
        facture, facture #, num facture, ref facture, numero de la facture, numero de factura,
        numero factura, no de factura, factura no, factura numero, factura n, n de factura, no
        factura, n factura, factura num, num factura, num de factura, factura #, nro de factura,
        factura nro, nro factura, codigo de factura, fattura n, fattura no, fattura nr, fattura
        numero, numero fattura, numero della fattura, n fattura, no fattura, nr fattura, numero
        documento, documento n, documento nr, fattura num, fatura n, fatura no, fatura numero,
        numero da fatura, numero de fatura, no da fatura, n da fatura, fatura nr, no fatura,
        fatura recibo no, fatura #, nr da fatura, factuurnummer, factuurnr, factuur nr, factuur
        nummer, factuur no, factuur #, rekeningnummer factuur, numer faktury, nr faktury, faktura
        vat nr, faktura numer, faktura no, numer faktury vat, faktura #, fakturnummer, cislo
        faktury, faktura c""",
    ("number", Place.ANYWHERE, 110): """
        credit note number, credit note no, credit note nr, credit note #, credit memo no, credit
        memo number, credit memo #, credit number, gutschriftsnummer, gutschrift nr,
        gutschriftnummer, gutschriftsnr, gutschrifts nr, rechnungskorrektur nr, stornorechnung nr,
        avoir no, avoir numero, avoir n, numero d avoir, no d avoir, numero de l avoir, nota de
        credito no, nota de credito n, nota de credito numero, numero de nota de credito, numero
        da nota de credito, factura rectificativa no, factura rectificativa n, factura
        rectificativa numero, numero de abono, abono no, nota di credito n, nota di credito no,
        nota di credito nr, nota di credito numero, numero nota di credito, creditnota nr,
        creditnotanummer, creditnota nummer, creditfactuurnummer, creditnummer, kreditnotanummer,
        faktura korygujaca nr, kreditfaktura nr""",
    ("number", Place.ANYWHERE, 90): """
        receipt number, receipt no, receipt #, receipt nr, receipt id, ticket no, ticket number,
        ticket #, slip no, bon nr, bonnummer, bon nummer, bonnr, kassenbon nr, quittung nr,
        quittungsnummer, quittungsnr, recu no, numero de recu, no de recu, ticket de caisse no,
        ticket n, recibo no, numero de recibo, recibo n, factura simplificada no, n ticket,
        factura simplificada n, no de ticket, ricevuta n, scontrino n, documento commerciale n,
        numero ricevuta, numero scontrino, documento no, kassabon nr, bonno, paragon nr, kvitto
        nr, kvittonummer, check #, transaction no, transaction id, trans #""",
    ("number", Place.START, 60): """
        document number, document no, document nr, doc no, dokumentnummer, dokument nr, numero de
        document, numero de documento, numero do documento, documentnummer, numer dokumentu,
        reference number""",
    ("number", Place.START, 50): """
        number, no, nr, numero, nummer, num, #, n, numer, nro""",
    ("number_other", Place.ANYWHERE, 0): """
        order number, order no, order nr, order #, order id, order reference, order ref, your
        order, purchase order no, purchase order number, purchase order #, po number, po no, p o
        number, p o no, po #, p o #, sales order, so number, our reference, your reference, your
        ref, our ref, customer number, customer no, customer id, customer #, customer ref,
        customer reference, customer code, client number, client no, client id, client ref, client
        code, account number, account no, account #, acct no, delivery note no, delivery note
        number, delivery note, delivery no, delivery number, shipment no, tracking no, tracking
        number, contract no, contract number, project no, project number, quote no, quote number,
        quotation no, vat number, vat no, vat id, vat reg no, vat registration no, vat
        registration number, tax id, tax no, tax number, tax registration number, company no,
        company number, ein, registration number, registration no, reg no, gst no, gst id, gst tax
        no, gst reg no, abn, sort code, iban, bic, swift, swift code, routing number, bank
        account, phone no, phone, telephone, tel, fax, mobile, reference, ref, payment reference,
        related invoice, gln, gtin, original invoice, original invoice no, original invoice
        number, corrected invoice, table no, refers to invoice, preceding invoice, credited
        invoice, terminal, terminal id, cashier, till, till no, auth code, approval code, page,
        page no, employee id, job no, article number, referenced invoice, invoice reference
        number, in respect of invoice, credit for invoice, auftragsnummer, auftrags nr, auftrag
        nr, auftragsnr, bestellnummer, bestell nr, bestellnr, bestellung nr, ihre bestellung, ihre
        bestellnummer, bestellung, ihr auftrag, ihr zeichen, unser zeichen, kundennummer, kunden
        nr, kundennr, kd nr, kunde nr, debitorennummer, lieferscheinnummer, lieferschein nr,
        lieferschein, lieferscheinnr, referenz, globale nummer, referenznummer, steuernummer,
        steuernr, steuer nr, st nr, ust id nr, ust idnr, ust id, ust identnr, ust ident nr,
        umsatzsteuer id, umsatzsteuer identifikationsnummer, uid nr, uid, mwst nr,
        handelsregister, handelsreg, hrb, hra, hrb nr, handelsregisternummer, kontonummer,
        kontonr, konto nr, blz, vertragsnummer, vertrags nr, projektnummer, projekt nr,
        angebotsnummer, ursprungsrechnung, bezugsrechnung, zur rechnung, zu rechnung, zu rechnung
        nr, referenzrechnung, originalrechnung, art nr, artikelnummer, artikel nr, telefon,
        telefax, lieferantennummer, lieferanten nr, seite, seite nr, ihre referenz, unsere
        referenz, weitere referenz, ref nr, ihre kundennummer, bezug, mandatsreferenz, glaubiger
        id, filiale, kasse, bediener, numero de commande, no de commande, n de commande, commande
        no, commande n, commande, bon de commande, bon de commande no, votre commande, votre
        reference, vos references, notre reference, numero client, no client, n client, code
        client, reference client, client n, no de client, numero de client, n de client, siret,
        siren, rcs, tva intracommunautaire, no tva, n tva, numero de tva, no de tva, tva client,
        no tva client, tva no, tva intra, ape, naf, bon de livraison, bon de livraison no, no de
        bon de livraison, facture liee, facture d origine, facture concernee, sur facture, facture
        initiale, ref marche, tel portable, rib, contrat no, numero de contrat, numero de bon de
        livraison, numero d identification, devis no, numero de pedido, no de pedido, n de pedido,
        pedido no, pedido, pedido n, su pedido, numero de cliente, no de cliente, n de cliente,
        codigo de cliente, codigo cliente, cliente no, no cliente, n cliente, nif, cif, nit, rfc,
        n i f, c i f, dni, albaran, albaran no, no de albaran, albaran n, n de albaran, numero de
        albaran, su referencia, nuestra referencia, referencia, factura rectificada, factura
        original, factura de origen, cuenta, numero de cuenta, numero de orden, orden de compra,
        codigo, contrato no, presupuesto no, numero ordine, n ordine, ordine n, ordine no, ordine
        nr, rif ordine, vs ordine, ordine, vostro ordine, codice cliente, numero cliente, cod
        cliente, cliente n, partita iva, p iva, piva, codice fiscale, cod fisc, c f, ddt n, ddt,
        numero ddt, d d t, documento di trasporto, rif fattura, fattura di riferimento, fattura
        originale, fattura collegata, rif, riferimento, vostro riferimento, nostro riferimento,
        codice destinatario, codice articolo, rea, numero da encomenda, no da encomenda, encomenda
        no, encomenda, n encomenda, numero de encomenda, n da encomenda, no encomenda, encomenda
        n, nota de encomenda, v encomenda, sua encomenda, numero do cliente, no do cliente, n do
        cliente, codigo do cliente, nipc, contribuinte, contribuinte no, numero de contribuinte, n
        contribuinte, guia de remessa, guia de remessa no, guia no, atcud, fatura original, fatura
        retificada, sua referencia, vossa referencia, nossa referencia, ref fatura, requisicao no,
        cnpj, registration, ordernummer, order nummer, ordernr, bestelnummer, bestel nr, bestelnr,
        uw order, uw bestelling, uw ordernummer, klantnummer, klant nr, klantnr, klantcode,
        debiteurnummer, debiteurnr, btw nummer, btw nr, btw id, kvk nummer, kvk nr, kvk, kvk no,
        btw identificatienummer, pakbon, pakbonnummer, pakbon nr, leverbon, leverbonnummer, uw
        referentie, uw kenmerk, kenmerk, ons kenmerk, onze referentie, referentie,
        betalingskenmerk, oorspronkelijke factuur, bij factuur, rekeningnummer, rekening nr,
        betreft factuur, originele factuur, numer zamowienia, nr zamowienia, zamowienie nr,
        zamowienie, numer klienta, nr klienta, kod klienta, nip, regon, krs, pesel, numer konta,
        nr konta, konto, wz, numer wz, do faktury, faktura pierwotna, dotyczy faktury, nr
        rachunku, numer rachunku, rachunek bankowy, ert ordernummer, kundnummer, kundnr,
        organisationsnummer, org nr, momsreg nr, bankgiro, plusgiro, ocr, ocr nummer, er referens,
        var referens, e mail, email, web, website""",
}

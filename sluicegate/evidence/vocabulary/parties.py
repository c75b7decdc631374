"""Labels of seller and buyer, of the currency and of the payment."""

from sluicegate.evidence.phrases import Place, Table

PARTIES: Table = {
    ("seller", Place.ALONE, 100): """
        seller, supplier, vendor, sold by, issued by, from, bill from, invoice from, billed by,
        provider, service provider, merchant, store, company, issuer, payee, supplied by, biller,
        invoiced by, seller details, supplier details, vendor details, vendor name, supplier name,
        seller name, merchant name, company name, our details, verkaufer, lieferant,
        rechnungssteller, rechnungsersteller, rechnungsaussteller, absender, leistungserbringer,
        aussteller, anbieter, von, kreditor, auftragnehmer, dienstleister, handler, vendeur,
        fournisseur, emetteur, prestataire, expediteur, emise par, emis par, societe, de, emetteur
        de la facture, vendedor, emisor, proveedor, emitido por, emitida por, prestador, empresa,
        expedidor, emissor, datos del emisor, datos del proveedor, datos del vendedor, razon
        social, facturado por, fornitore, cedente, cedente prestatore, venditore, emittente,
        mittente, prestatore, da, ditta, emessa da, dati fornitore, fornecedor, prestador de
        servicos, emitente, vendido por, dados do emitente, dados do fornecedor, leverancier,
        verkoper, afzender, van, bedrijf, opdrachtnemer, dienstverlener, sprzedawca, wystawca,
        dostawca, saljare, leverantor, avsandare, fran""",
    ("seller", Place.ANYWHERE, 60): """
        remit to, pay to, payable to, make payment to, make checks payable to, remit payment to,
        account holder, account name, kontoinhaber, zahlungsempfanger, beneficiaire, titulaire du
        compte, titulaire, beneficiario, titular, titular de la cuenta, intestatario, intestato a,
        tenaamstelling, ten name van, t n v, rekeninghouder, begunstigde, titular da conta,
        kontoinnehavare""",
    ("buyer", Place.ANYWHERE, 0): """
        bill to, billed to, sold to, invoice to, invoiced to, ship to, shipped to, deliver to,
        billing address, shipping address, delivery address, invoice address, customer name,
        client name, charge to, service address, bill to address, ship to address, prepared for,
        customer details, customer address, buyer name, issued to, credit to, invoice recipient,
        rechnungsempfanger, rechnung an, lieferadresse, rechnungsadresse, rechnungsanschrift,
        lieferanschrift, leistungsempfanger, warenempfanger, abweichender warenempfanger,
        abweichender rechnungsempfanger, kaufer leistungsempfanger, gutschrift an, adresse de
        livraison, adresse de facturation, facture a, facturer a, factura a, livre a, facturar a,
        facturado a, direccion de entrega, direccion de facturacion, direccion de envio, enviar a,
        cliente final, datos del cliente, vendido a, factura para, nombre del cliente,
        cessionario, cessionario committente, indirizzo di consegna, indirizzo di fatturazione,
        spett le, spettabile, fattura a, fatturato a, intestata a, luogo di consegna, fatturare a,
        dados do cliente, faturar a, faturado a, morada de entrega, morada de faturacao, exmo sr,
        exmo s sr s, exmos srs, fatura para, faturado para, nome do cliente, entregar a,
        factuuradres, afleveradres, factuur aan, bezorgadres, gefactureerd aan, leveradres,
        verkocht aan, aan de directie, factuur voor, klantgegevens, adres dostawy, fakturaadress,
        leveransadress, levererad till, faktureras till, fakturera till""",
    ("buyer", Place.ALONE, 0): """
        to, customer, client, buyer, purchaser, recipient, consignee, attention, attn, guest,
        patient, member, payer, kunde, kaufer, empfanger, auftraggeber, an, besteller, debitor,
        gast, mandant, acheteur, destinataire, preneur, a, pour, cliente, comprador, destinatario,
        receptor, adquirente, acquirente, committente, cliente destinatario, para, klant, afnemer,
        aan, koper, opdrachtgever, ontvanger, voor, nabywca, odbiorca, klient, kupujacy, kund,
        kopare, till, nombre, mottagare, bestallare, contact, kontakt, ansprechpartner, contact
        commercial, salesperson, per""",
    ("name", Place.ALONE, 0): """
        name, company name, firma, firmenname, nom, raison sociale, nombre, razon social,
        denominazione, ragione sociale, nome, denominacao, naam, bedrijfsnaam, nazwa, namn""",
    ("currency", Place.ANYWHERE, 100): """
        currency, invoice currency, wahrung, rechnungswahrung, devise, monnaie de facturation,
        moneda, divisa, valuta, moeda, waluta, betrage in, alle betrage in, all amounts in,
        amounts in, montants en, importes en, importi in, valores em, bedragen in, kwoty w, belopp
        i, prices in, all prices in, prix en, preise in, montants exprimes en, amounts shown in,
        bedragen zijn in""",
    ("payment", Place.ANYWHERE, 100): """
        payment method, method of payment, payment type, paid by, paid with, payment mode, tender,
        pay method, mode of payment, payment by, payment means, zahlungsart, zahlungsmethode,
        zahlart, zahlungsmittel, zahlungsweise, bezahlt mit, bezahlung, zahlung per, zahlungsform,
        mode de paiement, moyen de paiement, mode de reglement, paye par, regle par, paiement par,
        moyen de reglement, forma de pago, metodo de pago, medio de pago, modo de pago, pagado
        con, metodo di pagamento, modalita di pagamento, pagato con, tipo pagamento, mezzo di
        pagamento, pagamento, metodo de pagamento, forma de pagamento, modo de pagamento, meio de
        pagamento, pago com, betaalmethode, betaalwijze, betaald met, wijze van betaling,
        betalingswijze, betaling, sposob platnosci, forma platnosci, metoda platnosci, platnosc,
        betalningssatt, betalsatt, betalt med""",
}

"""What a document calls itself."""

from sluicegate.evidence.phrases import Place, Table

TITLES: Table = {
    ("title", Place.START, 40): """
        invoice, tax invoice, sales invoice, commercial invoice, electronic sales invoice, e
        invoice, simplified invoice, service invoice, vat invoice, simplified tax invoice, final
        invoice, cash invoice, electronic invoice, standard invoice, corrective invoice, proforma
        invoice, pro forma invoice, sales receipt, receipt, cash receipt, bill, till receipt,
        official receipt, payment receipt, rechnung, handelsrechnung, warenrechnung,
        schlussrechnung, teilrechnung, abschlagsrechnung, stornorechnung, rechnungskorrektur,
        sammelrechnung, e rechnung, quittung, kassenbon, kassenbeleg, kleinbetragsrechnung,
        faktura, bewirtungsbeleg, barrechnung, beleg, kassenzettel, facture, facture d acompte,
        facture de vente, facture simplifiee, recu, ticket de caisse, facture client, facture
        acquittee, note d honoraires, note, ticket, factura, factura simplificada, factura
        electronica, factura de venta, recibo, ticket de compra, factura ordinaria, factura
        comercial, recibo de caja, boleta, fattura, fattura elettronica, fattura accompagnatoria,
        fattura immediata, fattura differita, ricevuta, ricevuta fiscale, scontrino, documento
        commerciale, parcella, scontrino fiscale, fatura, fatura recibo, fatura simplificada,
        fatura proforma, venda a dinheiro, talao, factuur, verkoopfactuur, kassabon, kwitantie,
        bon, aankoopbewijs, faktura vat, paragon fiskalny, paragon, rachunek, kvitto, kassakvitto,
        kontantfaktura, faktura sprzedazy, timologio""",
    ("title_credit", Place.START, 45): """
        credit note, credit memo, credit invoice, tax credit note, adjustment note, refund,
        gutschrift, rechnungsgutschrift, storno, avoir, facture d avoir, note de credit, nota de
        credito, factura rectificativa, factura de abono, abono, nota de abono, nota di credito,
        nota di accredito, nota credito, creditnota, creditfactuur, credit nota, faktura
        korygujaca, korekta faktury, kreditnota, kreditfaktura""",
    ("title_other", Place.START, 0): """
        purchase order, sales order, order confirmation, quotation, quote, estimate, delivery
        note, packing list, packing slip, statement, statement of account, account statement, bank
        statement, dispatch note, goods received note, remittance advice, order acknowledgement,
        work order, payment reminder, reminder, request for quotation, proposal, timesheet,
        contract, pick list, bestellung, auftragsbestatigung, angebot, kostenvoranschlag,
        lieferschein, mahnung, vertrag, zahlungserinnerung, kontoauszug, einkaufsbestellung,
        bestellbestatigung, packzettel, bon de commande, devis, bon de livraison, confirmation de
        commande, releve de compte, relance, commande d achat, commande fournisseur, bordereau de
        livraison, accuse de reception, orden de compra, pedido de compra, presupuesto,
        cotizacion, albaran, albaran de entrega, nota de entrega, confirmacion de pedido, estado
        de cuenta, pedido, nota de pedido, ordine di acquisto, ordine d acquisto, preventivo,
        conferma d ordine, documento di trasporto, bolla di consegna, estratto conto, sollecito di
        pagamento, ordine fornitore, nota de encomenda, ordem de compra, orcamento, guia de
        remessa, guia de transporte, encomenda, confirmacao de encomenda, extrato de conta,
        proposta, inkooporder, bestelbon, offerte, pakbon, leveringsbon, orderbevestiging,
        aankooporder, bestelling, rekeningoverzicht, aanmaning, betalingsherinnering, vrachtbrief,
        zamowienie, oferta, potwierdzenie zamowienia, wydanie zewnetrzne, dowod dostawy,
        bestallning, inkopsorder, offert, orderbekraftelse, foljesedel""",
    ("not_invoice", Place.ANYWHERE, 0): """
        not an invoice, not a tax invoice, not a vat invoice, no invoice, keine rechnung, n est
        pas une facture, no es una factura, no es factura, non e una fattura, nao serve de fatura,
        nao e uma fatura, geen factuur, nie jest faktura, ej en faktura, nao constitui fatura, sin
        valor fiscal, ar ingen faktura""",
}

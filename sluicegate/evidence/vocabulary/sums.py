"""Labels of totals, taxes, discounts and payments."""

from sluicegate.evidence.phrases import Place, Table

SUMS: Table = {
    ("gross", Place.ANYWHERE, 100): """
        total incl vat, total including vat, total inc vat, total incl tax, total including tax,
        total inc tax, total with tax, total with vat, total inclusive of vat, gross total, total
        gross, gross amount, total amount incl vat, amount incl vat, total inc gst, total incl
        gst, total incl sales tax, grand total, invoice total, total invoice, invoice amount,
        total invoice amount, invoice value, total invoice value, total vat included, total tax
        included, total invoice value incl tax, total gross amount, total amount including vat,
        credit total, total credit, total credit amount, total after tax, amount including vat,
        total tax inclusive, gesamtbetrag, rechnungsbetrag, bruttobetrag, bruttosumme,
        gesamtsumme, endbetrag, gesamt brutto, summe brutto, rechnungssumme brutto,
        rechnungssumme, rechnungsendbetrag, gesamt inkl mwst, gesamt inkl ust, total inkl mwst,
        gesamtbetrag brutto, betrag inkl mwst, gesamtbetrag inkl mwst, gesamtbetrag inkl ust,
        summe inkl mwst, brutto gesamt, endsumme, summe inkl ust, gesamtpreis brutto,
        rechnungsbetrag brutto, rechnungsbetrag inkl mwst, gesamtbetrag inkl umsatzsteuer,
        gutschriftsbetrag, gutschriftbetrag, gesamtgutschrift, total brutto, gesamtsumme brutto,
        betrag brutto, gesamt inkl umsatzsteuer, rechnungstotal, total ttc, montant ttc, montant
        total ttc, total t t c, total general, total facture, total toutes taxes comprises,
        montant total, total tva incluse, total a payer, total a payer ttc, montant de la facture,
        total general ttc, total avoir, total de l avoir, montant total de la facture, total tva
        comprise, prix ttc, total de la facture, total tvac, importe total, total factura, total
        iva incluido, total con iva, importe total factura, total importe, total de la factura,
        importe bruto, importe factura, total impuestos incluidos, total a devolver, total abono,
        total nota de credito, total iva incl, valor total de la factura, monto total, total con
        impuestos, totale fattura, totale documento, totale complessivo, totale ivato, totale iva
        inclusa, totale con iva, importo totale, totale lordo, totale generale, totale iva
        compresa, totale da pagare, totale documento eur, importo totale fattura, totale nota di
        credito, totale importo, totale fattura iva inclusa, importo lordo, total com iva, total
        da fatura, total geral, valor total, montante total, total do documento, total documento,
        valor total com iva, total fatura, valor da fatura, total da nota de credito, total
        liquido a pagar, total com imposto, total c iva, totaal incl btw, totaal inclusief btw,
        totaalbedrag, factuurbedrag, totaal factuur, eindtotaal, totaal te voldoen, factuurtotaal,
        totaal bruto, bedrag incl btw, totaalbedrag incl btw, totaal inclusief, totaal incl,
        totaal bedrag, totaalbedrag inclusief btw, creditbedrag, bruto totaal, totaal creditnota,
        wartosc brutto, razem brutto, suma brutto, kwota brutto, kwota calkowita, razem do
        zaplaty, ogolem, lacznie brutto, naleznosc ogolem, kwota naleznosci ogolem, do zaplaty
        brutto, summa inkl moms, totalt inkl moms, totalsumma, att betala, totalbelopp, summa att
        betala, fakturabelopp, totalt belopp""",
    ("gross", Place.ANYWHERE, 90): """
        total to pay, net a payer, net a payer ttc, total payable, total amount payable, total
        amount due, total due, amount payable, total balance due, total charge, total charges, to
        pay, total amount, total price, total sale, total sales, total cost, total paid, sum
        total, amount total, total value, total net payable, gesamt zu zahlen, zu zahlen, zu
        zahlender betrag, zahlbetrag, zu zahlender gesamtbetrag, betrag zu zahlen, gesamtpreis,
        total a pagar, importe a pagar, importe total a pagar, totaal te betalen, te betalen, te
        voldoen, te betalen bedrag, totaalprijs, do zaplaty, kwota do zaplaty, pozostalo do
        zaplaty, a payer, somme a payer, valor a pagar, importo da pagare, importo dovuto, netto a
        pagare, totale a pagare, totale dovuto, montant a payer, a pagar, liquido a pagar, summa
        att betala, montant du, netto zu zahlen, total da pagare, total del documento,
        zahlungsbetrag""",
    ("gross", Place.START, 80): """
        total, totale, totaal, gesamt, summe, razem, suma, totalt, summa, celkem, sum total, tot,
        total eur, total general, somme totale, totals""",
    ("due", Place.ANYWHERE, 70): """
        amount due, balance due, balance, balance to pay, amount outstanding, outstanding balance,
        remaining balance, outstanding amount, please pay, amount owed, net amount due, open
        amount, amount to pay, current balance, total outstanding, amount remaining, due amount,
        offener betrag, restbetrag, noch zu zahlen, offener restbetrag, verbleibender betrag,
        falliger betrag, solde a payer, solde du, reste a payer, solde, reste a regler, saldo a
        pagar, saldo pendiente, pendiente de pago, importe pendiente, resto a pagar, saldo, saldo
        dovuto, saldo da pagare, residuo da pagare, importo residuo, valor em divida, saldo em
        divida, valor pendente, openstaand bedrag, nog te betalen, openstaand saldo, restant te
        betalen, pozostaje do zaplaty, aterstar att betala""",
    ("net", Place.ANYWHERE, 0): """
        subtotal, sub total, net total, total net, net amount, total excl vat, total excluding
        vat, total ex vat, total excl tax, total excluding tax, total before tax, amount excl vat,
        taxable amount, tax base, total without tax, net sum, goods total, total net amount, items
        total, total ex tax, amount before tax, total without vat, merchandise total, total ex
        gst, sub total gst, total excl gst, value of goods, less discount, line total, total
        lines, net value, total items, sum of lines, subtotal excl vat, zwischensumme,
        nettobetrag, nettosumme, summe netto, gesamt netto, netto gesamt, rechnungssumme netto,
        warenwert, positionssumme, rechnungssumme ohne ust, gesamtbetrag netto, steuerbasisbetrag,
        summe positionen, betrag netto, gesamt exkl mwst, total exkl mwst, nettogesamtbetrag,
        bemessungsgrundlage, summe ohne mwst, total netto, gesamtsumme netto, nettogesamt,
        gesamtpreis netto, zwischentotal, nettowarenwert, summe exkl mwst, teilsumme,
        rechnungsbetrag netto, gesamt ohne mwst, warensumme, gesamtbetrag der positionen, total
        ht, sous total, montant ht, total hors taxes, total h t, total hors taxe, net ht, base ht,
        total net ht, montant total ht, base imposable, montant net, sous total ht, net
        commercial, total hors tva, montant hors taxes, total htva, total hors tva chf, total des
        lignes, base imponible, total neto, importe neto, total sin iva, subtotal sin iva, total
        base imponible, importe sin iva, total antes de impuestos, suma neta, total bruto, total
        lineas, imponibile, totale imponibile, subtotale, totale netto, netto merce, totale iva
        esclusa, importo netto, totale merce, totale senza iva, imponibile iva, totale righe,
        totale parziale, base tributavel, total iliquido, total sem iva, valor liquido,
        incidencia, total liquido, base de incidencia, valor tributavel, montante liquido, total
        ilíquido, total s iva, subtotaal, totaal excl btw, totaal exclusief btw, nettobedrag,
        bedrag excl btw, totaal netto, totaal excl, totaal exclusief, netto totaal, grondslag,
        tussentotaal, netto bedrag, subtotaal excl btw, totaal regels, wartosc netto, razem netto,
        suma netto, kwota netto, lacznie netto, summa exkl moms, netto belopp, nettobelopp, totalt
        exkl moms""",
    ("net", Place.START, 0): """
        sum, net, netto, neto, base, somma, soma, som, delsumma""",
    ("tax", Place.ANYWHERE, 100): """
        total tax, consumption tax, total vat, total taxes, vat total, tax total, vat amount, tax
        amount, sales tax, total gst, included vat, gst amount, vat included, total vat amount,
        tax amount total, steuerbetrag, mwst betrag, ust betrag, summe mwst, summe ust, gesamt
        mwst, mehrwertsteuer, umsatzsteuer, total mwst, enthaltene mwst, steuerbetrag gesamt, mwst
        gesamt, steuer gesamt, total tva, montant tva, montant de la tva, tva totale, dont tva,
        total iva, importe iva, cuota iva, iva total, total impuestos, cuota de iva, importe del
        iva, totale iva, importo iva, totale imposta, totale imposte, iva totale, di cui iva,
        valor do iva, montante iva, total do iva, total de iva, total imposto, valor iva, total
        impostos, totaal btw, btw bedrag, btw totaal, waarvan btw, kwota vat, podatek vat, wartosc
        vat, suma vat, razem vat, totalt moms, varav moms, momsbelopp, total moms""",
    ("tax", Place.START, 100): """
        imposta, moms""",
    ("tax", Place.START, 60): """
        vat, tax, gst, hst, pst, mwst, ust, tva, iva, btw, taxe, taxes, steuer, impuesto,
        impuestos, imposto, igic, usst, zzgl mwst, zzgl ust, zuzuglich mwst, inkl mwst, 19 mwst,
        plus vat, taxa, podatek, ptu""",
    ("tax_other", Place.ANYWHERE, 0): """
        tax rate, vat rate, steuersatz, mwst satz, ust satz, taux de tva, taux tva, tipo de iva,
        tipo iva, aliquota iva, aliquota, taxa de iva, taxa iva, btw tarief, stawka vat, momssats,
        tax exempt, vat exempt, vat clause, vat identifier, tax summary, gst summary, vat summary,
        vat %, taux""",
    ("deduction", Place.ANYWHERE, 0): """
        total discount, discounts, gesamtrabatt, abzuglich, gesamtbetrag der abschlage,
        gesamtbetrag der zuschlage, total remise, descuento, descuentos, total descuento, totale
        sconti, descontos, total de descontos, total descontos, total descuentos, total sconto,
        total remises, total discounts, totaal korting, shipping handling, delivery charge,
        versandkosten, frachtkosten, frais de port, livraison, gastos de envio, spese di
        spedizione, spedizione, trasporto, verzendkosten, transporte, arrotondamento,
        arredondamento, afronding, oresavrundning, zaokraglenie, service charge, svc chg,
        trinkgeld, pourboire, remise globale, avrundning, gratuities, verpackung,
        imposta di bollo""",
    ("deduction", Place.START, 0): """
        discount, less, rabatt, skonto, nachlass, remise, rabais, escompte, dto, sconto, sconti,
        desconto, korting, rabat, shipping, freight, postage, versand, port, envio, portes,
        rounding, rundung, arrondi, redondeo, tip, gratuity, service, propina, mancia, deposit,
        frakt, rabatter, porto, bollo, coperto""",
    ("paid", Place.ANYWHERE, 0): """
        amount paid, payments received, prepayment, deposit paid, less deposit, less payments,
        advance payment, paid amount, already paid, cash tendered, change due, change given,
        mastercard, credit card, debit card, anzahlung, bereits gezahlt, erhaltene anzahlungen,
        bereits bezahlt, wechselgeld, ec karte, kartenzahlung, abzgl anzahlung, deja paye, acompte
        verse, deja regle, montant paye, carte bancaire, reglement, rendu monnaie, entregado, ya
        pagado, gia pagato, importo pagato, acconti versati, ja pago, adiantamento, valor pago,
        numerario, multibanco, aanbetaling, reeds betaald, reeds voldaan, wisselgeld, zaplacono""",
    ("paid", Place.START, 0): """
        paid, prepaid, payment, payments, tendered, cash, change, card, visa, eftpos, gezahlt,
        gegeben, bar, ruckgeld, girocard, zuruck, rest, acompte, especes, rendu, cb, monnaie,
        acomptes, anticipo, pagado, cambio, efectivo, tarjeta, acconto, pagato, resto, contanti,
        carta, pago, troco, dinheiro, betaald, contant, pin, terug, gotowka, reszta, zaliczka,
        karta, betalt, kontant, vaxel, kort""",
    ("carried", Place.ANYWHERE, 0): """
        carried forward, brought forward, balance brought forward, carry over, carried over,
        previous balance, previous unpaid balance, total quantity, total qty, total items, item
        count, total pieces, total number of items, total weight, total savings, you saved, total
        points, seitensumme, seitenubertrag, gesamtmenge, gesamtgewicht, zwischenubertrag, a
        reporter, total page, total de la page, report page precedente, sous total page, suma y
        sigue, suma anterior, total pagina, totale pagina, a riportare, total unidades, transporte
        anterior, a transportar, totale pezzi, total de la pagina, subtotal pagina, saldo
        anterior, saldo precedente, solde precedent, solde anterieur, vorheriger saldo,
        overdracht, transporteren, openstaand vorige, z przeniesienia, do przeniesienia, amount in
        words, total en lettres, importe en letra, total number of pages""",
    ("carried", Place.START, 0): """
        ubertrag, vortrag, report, riporto, son, words, transport""",
}

"""Headings of the columns in a table of items."""

from sluicegate.evidence.phrases import Place, Table

COLUMNS: Table = {
    ("description", Place.ANYWHERE, 10): """
        description, product description, service description, item description, item name,
        product name, product, service, services, item, items, details, particulars, goods,
        designation, description of goods, goods description, work description, activity, product
        service, goods and services, line item, item details, article name, name of item, detail,
        bezeichnung, artikelbezeichnung, artikelbeschreibung, leistung, beschreibung, artikel,
        produkt, text, leistungsbeschreibung, produktbezeichnung, warenbezeichnung, position,
        bezeichnung der leistung, artikel leistung, dienstleistung, ware, leistung artikel,
        libelle, article, articles, prestation, produit, designation des produits, intitule,
        designation article, produits, prestations, descriptif, nom, denomination, descripcion,
        concepto, producto, articulo, servicio, detalle, conceptos, articulos, denominacion,
        descrizione, prodotto, articolo, servizio, prestazione, descrizione prodotto,
        denominazione, descrizione articolo, natura e qualita, beni servizi, beni e servizi,
        descrizione dei beni, descricao, designacao, artigo, produto, servico, artigos, descricao
        do produto, produto servico, omschrijving, beschrijving, artikelomschrijving, dienst,
        product dienst, artikel omschrijving, productomschrijving, nazwa, opis, nazwa towaru,
        nazwa uslugi, nazwa towaru lub uslugi, towar, nazwa towaru uslugi, towar usluga, usluga,
        benamning, beskrivning, vara, tjanst, nazwa produktu""",
    ("quantity", Place.ANYWHERE, 10): """
        quantity, qty, qty hr, hours, hrs, units, quant, qnty, count, quantity hours, number of
        units, hours qty, hrs qty, qty hrs, qte, pcs, menge, anzahl, stuck, stunden, stk, anz,
        std, stuckzahl, quantite, quantites, nombre, nb, qt, heures, cantidad, cant, uds,
        unidades, ud, cdad, ctd, cant uds, horas, quantita, q ta, qta, q t a, ore, pezzi,
        quantidade, qtd, qtde, quantid, aantal, hoeveelheid, uren, stuks, ilosc, liczba, szt,
        antal, ant""",
    ("unit", Place.ANYWHERE, 5): """
        unit, um, uom, u m, unit of measure, unit measure, einheit, meng einheit, mengeneinheit,
        me, einh, unite, unites, unidad, unita, unidade, un, unid, eenheid, j m, jm, jedn,
        jednostka, enhet, u de m, unita di misura, unidad de medida, mass""",
    ("price", Place.ANYWHERE, 10): """
        unit price, price, rate, unit cost, price per unit, price each, unit price excl vat, each,
        u p, price unit, unit price net, net price, item price, unit net price, hourly rate, unit
        rate, u price, unit price excl tax, cost, price item, list price, unit value, einzelpreis,
        einzelpreis netto, preis einheit, einzel, nettopreis, stuckpreis, e preis, ep, preis,
        preis pro einheit, preis je einheit, preis stk, einzelpr, netto einzelpreis, stundensatz,
        ansatz, einzelpreis eur, stuckpreis netto, preis pro stuck, einheitspreis, prix unitaire,
        prix unitaire ht, pu, p u, pu ht, p u ht, prix unit, prix u, prix, tarif, prix unit ht,
        cout unitaire, prix ht unitaire, pu h t, unitaire, unitaire ht, prix unitaire net, precio
        unitario, precio, p unitario, precio unit, p unit, importe unitario, tarifa, precio ud,
        pvp, precio unidad, valor unitario, vr unitario, coste unitario, p v p, prezzo unitario,
        prezzo, prezzo unit, tariffa, costo unitario, prezzo un, importo unitario, preco unitario,
        preco, preco unit, valor unit, pr unitario, pr unit, custo unitario, preco un,
        eenheidsprijs, prijs, stukprijs, prijs per stuk, tarief, prijs per eenheid, eenheidsprijs
        excl btw, stuksprijs, cena, cena jednostkowa, cena netto, cena jedn, cena jednostkowa
        netto, cena jedn netto, pris, a pris, apris, styckpris, enhetspris, prijs stuk""",
    ("total", Place.ANYWHERE, 10): """
        total, amount, line total, line amount, total price, amount excl vat, line amount excl
        vat, net amount, total amount, extended price, ext price, extended, total net, subtotal,
        total excl vat, amt, total cost, extension, sum, value, net, net total, total value, total
        ex vat, line value, amount net, net value, total price excl vat, sub total, line net,
        total amt, gesamt, gesamtpreis, betrag, summe, nettobetrag, gesamtbetrag, gesamt netto,
        gesamtpreis netto, positionssumme, g preis, gp, betrag netto, netto, wert, gesamtwert,
        zeilenbetrag, summe netto, preis gesamt, netto gesamt, gesamtsumme, zeilensumme,
        totalbetrag, netto betrag, total ht, montant, montant ht, prix total, total net ht, prix
        ht, prix total ht, total h t, montant net, net ht, total ligne, montant total, valeur,
        total hors taxes, total hors tva, total htva, importe, total neto, importe neto, precio
        total, total linea, valor, neto, importe total, suma, subtotal linea, vr total, total sin
        iva, importo, totale, prezzo totale, valore, totale riga, imponibile, importo netto,
        totale netto, importo totale, totale imponibile, tot, total liquido, valor total,
        montante, total linha, valor liquido, preco total, liquido, total iliquido, importancia,
        soma, totaal, bedrag, totaalprijs, totaal excl, totaal excl btw, bedrag excl btw,
        regeltotaal, netto bedrag, prijs totaal, totaalbedrag, som, bedrag netto, wartosc, wartosc
        netto, kwota, razem, kwota netto, wartosc pozycji, belopp, summa, totalt, radsumma""",
    ("gross_total", Place.ANYWHERE, 5): """
        total incl vat, amount incl vat, gross amount, gross, total gross, total inc vat, total
        ttc, montant ttc, ttc, prix ttc, bruttobetrag, brutto, gesamt brutto, gesamtpreis brutto,
        importe con iva, total iva incl, totale ivato, totale iva inclusa, total com iva, totaal
        incl btw, bedrag incl btw, totaal incl, wartosc brutto, kwota brutto, total con iva""",
    ("position", Place.ANYWHERE, 5): """
        #, pos, pos nr, no, nr, n, line, line no, ln, lp, l p, item no, item #, sl no, s no, sr
        no, ligne, linea, riga, linha, regel, rad, lfd nr, lfdnr, num, sr, posnr, rang, no pos,
        poz""",
    ("code", Place.ANYWHERE, 5): """
        article no, article number, item code, item number, product code, sku, code, product no,
        ref, reference, part no, part number, art no, product id, item id, article code, catalog
        no, hsn, hsn sac, ean, upc, artikelnummer, artikel nr, art nr, artikelnr, artnr, unsere
        art nr, bestellnr, art nr kunde, art nr lief, artikel no, produktnummer, material,
        materialnummer, artikelcode, code article, ref article, reference article, referencia,
        codigo, cod, codigo articulo, codice, codice articolo, cod articolo, cod art, riferimento,
        referencia artigo, codigo artigo, cod artigo, productcode, code produit, referenties,
        referenzen, kod, indeks, symbol, pkwiu, art""",
    ("tax", Place.ANYWHERE, 5): """
        vat, vat %, tax, taxes, vat rate, tax rate, gst, vat amount, tax amount, tax %, % vat,
        sales tax, mwst, ust, mwst %, ust %, ust satz, mwst satz, steuersatz, steuer, mwst betrag,
        % mwst, ust betrag, tva, tva %, taux tva, taux de tva, % tva, montant tva, taxe, iva, iva
        %, % iva, tipo iva, tipo de iva, impuesto, cuota iva, aliquota, aliquota iva, al iva,
        taxa, taxa iva, taxa de iva, imposto, btw, btw %, btw tarief, % btw, btw bedrag,
        exemption, stawka vat, kwota vat, stawka, vat kwota, moms, moms %, momssats, tax code, kod
        vat""",
    ("discount", Place.ANYWHERE, 5): """
        discount, disc, disc %, discount %, rabatt, rabatt %, rab, nachlass, remise, rem, remise
        %, rem %, descuento, dto, dto %, desc, descuento %, sconto, sconto %, sc, sc %, desconto,
        desc %, desconto %, korting, korting %, rabat, rabat %, dcto""",
    ("date", Place.ANYWHERE, 5): """
        date, datum, fecha, data, shipment date, delivery date, service date, lieferdatum,
        leistungsdatum, date de livraison, shipment""",
    ("none", Place.ANYWHERE, 0): """
        base, taxable, taxable base, tax type, base imponible, imponibile, bemessungsgrundlage,
        grundlage, grondslag, basisbetrag, warenwert, incidencia, base ht, due date, invoice date,
        order no, order number, customer no, customer number, invoice no, invoice number,
        salesperson, terms, payment terms, p o number, kundennummer, rechnungsnummer,
        rechnungsdatum, reglement, payment, bezug, innerhalb, fallig""",
}

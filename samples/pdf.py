"""Sets a sheet as PDF through reportlab: embedded fonts, compressed streams, encryption."""

from io import BytesIO

from reportlab.lib.pdfencrypt import StandardEncryption  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from samples.sheet import Mark, Polygon, Rule, Sheet, Text, embed_fonts


def typeset(sheet: Sheet, *, title: str = "", password: str | None = None) -> bytes:
    """Return the sheet as PDF; with a password nobody can open it without.

    The same sheet gives the same bytes: the file carries neither a time nor a random identifier.
    """
    embed_fonts()
    stream = BytesIO()
    canvas = Canvas(
        stream,
        pagesize=(sheet.width, sheet.height),
        invariant=1,
        pageCompression=1,
        encrypt=StandardEncryption(password, strength=128) if password else None,
    )
    canvas.setTitle(title)
    canvas.setProducer("sample documents")
    for marks in sheet.pages:
        for mark in marks:
            _draw(canvas, mark, sheet.height)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _draw(canvas: Canvas, mark: Mark, height: float) -> None:
    match mark:
        case Text(x, y, words, face, size, colour):
            canvas.setFillColorRGB(*colour)
            canvas.setFont(face, size)
            canvas.drawString(x, height - y, words)
        case Rule(left, right, y, width, colour):
            canvas.setStrokeColorRGB(*colour)
            canvas.setLineWidth(width)
            canvas.line(left, height - y, right, height - y)
        case Polygon(points, fill, edge):
            path = canvas.beginPath()
            path.moveTo(points[0][0], height - points[0][1])
            for x, y in points[1:]:
                path.lineTo(x, height - y)
            path.close()
            canvas.setLineWidth(0.6)
            if fill:
                canvas.setFillColorRGB(*fill)
            if edge:
                canvas.setStrokeColorRGB(*edge)
            canvas.drawPath(path, stroke=int(edge is not None), fill=int(fill is not None))

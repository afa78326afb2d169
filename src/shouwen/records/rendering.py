"""What is drawn from records: for now the QR code that leads back to a printed page."""

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_svg(text: str) -> SafeString:
    """The text as a QR code (ISO/IEC 18004, level M), an SVG element to stand in a page.

    Black on white with the quiet zone also in dark mode, without style attributes or ids
    (Content-Security-Policy `style-src 'self'`); its size is the page's to give, by the
    class `qr`.
    """
    code = segno.make(text, error="m", micro=False)
    drawn = code.svg_inline(
        dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None, border=4
    )
    return mark_safe(drawn)

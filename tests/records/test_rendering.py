"""The QR code of a printed page."""

from xml.etree import ElementTree

from shouwen.records.rendering import qr_svg


def test_a_qr_code_stands_in_a_page_without_styles_of_its_own() -> None:
    drawn = qr_svg("https://shouwen.example/complaints/JX-20261123-014/")
    svg = ElementTree.fromstring(drawn)
    assert svg.tag.endswith("svg") and svg.get("class") == "qr" and svg.get("viewBox")
    for part in svg.iter():
        assert part.get("style") is None and part.get("id") is None
        assert not part.tag.endswith(("style", "script"))


def test_another_text_gives_another_code() -> None:
    assert qr_svg("JX-20261123-014") != qr_svg("JX-20261123-015")

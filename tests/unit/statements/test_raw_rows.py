"""The text of a row is kept as it was written."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

from ackord.statements.raw_rows import raw_of


def test_json_and_xml() -> None:
    assert raw_of({"id": 1, "name": "ü"}) == '{"id":1,"name":"ü"}'
    assert raw_of(fromstring("<a><b>1</b></a>")) == "<a><b>1</b></a>"

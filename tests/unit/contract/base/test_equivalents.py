"""The same values in other bytes: every form is read as the original is, and differs from it."""

from __future__ import annotations

import pytest

from ackord.contract.body import ENCODINGS
from ackord.core.key_promises import ByteForm

JSON = '{"no":"N-1","amount":10,"rate":19.99,"to":{"name":"Ä b","tags":["x",true,null]},"e":1e3}'.encode()
FORM = b"amount=10&metadata[no]=N-1&name=A%20b"
XML = b'<pay id="1" kind="x"><no>N-1</no><amount>10</amount><empty></empty></pay>'


@pytest.mark.parametrize("form", list(ByteForm))
def test_json_says_the_same(form: ByteForm) -> None:
    json = ENCODINGS.get("json")
    other = json.equivalent(JSON, form)
    assert other != JSON
    assert json.parse(other) == json.parse(JSON)


def test_json_differs_as_it_is_named() -> None:
    json = ENCODINGS.get("json")
    assert list(json.parse(json.equivalent(JSON, ByteForm.FIELD_ORDER))) == ["e", "to", "rate", "amount", "no"]
    assert b'"amount":10.0' in json.equivalent(JSON, ByteForm.NUMBER_FORM)
    assert b"19.990" in json.equivalent(JSON, ByteForm.NUMBER_FORM)
    assert b'"\\u004e-1"' in json.equivalent(JSON, ByteForm.ESCAPES)
    assert b'"no" : "N-1" ,\n' in json.equivalent(JSON, ByteForm.WHITE_SPACE)


@pytest.mark.parametrize("form", [ByteForm.FIELD_ORDER, ByteForm.ESCAPES])
def test_a_form_says_the_same(form: ByteForm) -> None:
    encoding = ENCODINGS.get("form")
    other = encoding.equivalent(FORM, form)
    assert other != FORM
    assert encoding.parse(other) == encoding.parse(FORM)


def test_xml_says_the_same_and_keeps_the_order_of_its_elements() -> None:
    xml = ENCODINGS.get("xml")
    for form in (ByteForm.FIELD_ORDER, ByteForm.WHITE_SPACE, ByteForm.ESCAPES):
        other = xml.equivalent(XML, form)
        assert other != XML
        root, said = xml.parse(other), xml.parse(XML)
        assert [(e.tag, (e.text or "").strip(), e.attrib) for e in root.iter()] == [
            (e.tag, (e.text or "").strip(), e.attrib) for e in said.iter()
        ]
        assert root.find("empty").text is None


def test_what_has_no_such_form_stays_as_it_is() -> None:
    assert ENCODINGS.get("form").equivalent(FORM, ByteForm.WHITE_SPACE) == FORM
    assert ENCODINGS.get("xml").equivalent(XML, ByteForm.NUMBER_FORM) == XML

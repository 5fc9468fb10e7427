"""XML: elements, attributes and texts, without DTDs."""

from __future__ import annotations

import pytest

from ackord.contract.base.body_parsing import UnreadableBody, UnwritableBody
from ackord.contract.base.contract_error import ContractError
from ackord.contract.base.json_path import MISSING
from ackord.contract.base.template_match import RequestMismatch
from ackord.contract.body import ENCODINGS

from .test_base import body

XML = ENCODINGS.get("xml")


def test_elements_attributes_and_texts() -> None:
    data = {"x": {"@v": "1", "n": "${order_no}", "r": ["a", {"@i": 2, "#text": "${payee}"}]}}
    assert body("xml", data) == '<x v="1"><n>n-1</n><r>a</r><r i="2">Zoë &amp; Co</r></x>'.encode()


def test_there_is_one_root_element() -> None:
    with pytest.raises(ContractError, match="it has 2 root elements") as failure:
        body("xml", {"a": 1, "b": 2})
    assert (failure.value.path, failure.value.expected) == (("r",), "one, with the others in it")


def test_namespaces_are_left_out() -> None:
    root = XML.parse(b"<s:Env xmlns:s='urn:x'><s:Code>0</s:Code></s:Env>")
    assert [element.tag for element in root.iter()] == ["Env", "Code"]


@pytest.mark.parametrize(
    "text",
    [
        b"<a>",
        b"<a></b>",
        b"<a/><b/>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        b"<a>\x00</a>",
        b"<?xml version='1.0' encoding='klingon'?><a/>",
    ],
)
def test_what_has_no_reading(text: bytes) -> None:
    with pytest.raises(UnreadableBody, match="not valid XML"):
        XML.parse(text)


def test_an_example_is_written_as_a_request_is() -> None:
    document = XML.new_document({"x": {"@v": 1, "r": ["a", {"#text": "b", "@i": 2}], "e": None}})
    assert XML.write(document) == b'<x v="1"><r>a</r><r i="2">b</r><e /></x>'
    document = XML.put(XML.put(document, "/x/r[1]/@i", MISSING), "/x/e", MISSING)
    assert XML.write(document) == b'<x v="1"><r>a</r><r>b</r></x>'
    with pytest.raises(UnwritableBody, match="another root than the others, x"):
        XML.put(document, "/y/a", "1")


def test_a_request_with_too_few_elements_or_another_text_does_not_match() -> None:
    match = XML.matcher({"x": {"r": ["a", "${order_no}"]}})
    values: dict[str, str] = {}
    match(XML.parse(b"<x><more/><r>a</r><r>n-1</r></x>"), values, True)
    assert values == {"order_no": "n-1"}
    for other in (b"<x><r>a</r></x>", b"<x><r>b</r><r>n-1</r></x>", b"<y/>"):
        with pytest.raises(RequestMismatch):
            match(XML.parse(other), {}, True)

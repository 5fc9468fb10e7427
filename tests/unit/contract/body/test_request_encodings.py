"""Bodies of requests as JSON, forms and XML: what a value is never changes what it stands in."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.contract.base.contract_error import ContractError
from ackord.contract.base.template import in_address, text_template
from ackord.contract.base.variables import ORDER_VARIABLES, SUBMIT_VARIABLES, TemplateContext
from ackord.contract.body.request_encodings import body_renderer, form_fields
from ackord.contract.spec.requests import RequestSpec

SUBJECT = TemplateContext("main", "acc_1", "n-1", 1999, "EUR", "Zoë & Co")


def body(subject: TemplateContext = SUBJECT, **encoded: Any) -> bytes:
    request = RequestSpec.model_validate({"method": "POST", "path": "/", **encoded})
    render = body_renderer(request, SUBMIT_VARIABLES | ORDER_VARIABLES, ("r",))
    assert render is not None
    return render(subject)


def test_each_encoding() -> None:
    assert body(json={"n": "${order_no}", "a": "${amount.number}"}) == b'{"n":"n-1","a":19.99}'
    assert body(form={"n": "${order_no}", "m": {"p": "${payee}"}, "l": ["x", 1, True]}) == (
        b"n=n-1&m[p]=Zo%C3%AB%20%26%20Co&l[0]=x&l[1]=1&l[2]=true"
    )
    assert body(xml={"x": {"@v": "1", "n": "${order_no}", "r": ["a", {"@i": 2, "#text": "${payee}"}]}}) == (
        '<x v="1"><n>n-1</n><r>a</r><r i="2">Zoë &amp; Co</r></x>'.encode()
    )
    assert body_renderer(RequestSpec(method="GET", path="/"), SUBMIT_VARIABLES, ()) is None


def test_a_field_of_a_form_without_a_value_is_left_out() -> None:
    assert body(form={"a": "${provider_id}", "b": "x${provider_id}"}) == b"b=x"


@pytest.mark.parametrize("value", [None, 1.5, [None]])
def test_what_a_form_cannot_hold_says_where(value: Any) -> None:
    with pytest.raises(ContractError, match="cannot stand in a form") as failure:
        form_fields({"a": value}, ("form",))
    assert failure.value.path[:2] == ("form", "a")


@pytest.mark.parametrize("encoded", [{"form": {"${order_no}": "x"}}, {"xml": {"a": {"${order_no}": "x"}}}])
def test_a_key_cannot_hold_a_variable(encoded: dict[str, Any]) -> None:
    with pytest.raises(ContractError, match="a key cannot hold a variable"):
        body(**encoded)


_XML_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=12
)
_NUMBERS = _XML_TEXT | st.text("/?#&=%<>\"'[]{}$ ;:+\\", min_size=1, max_size=8)


@settings(deadline=None)
@given(_NUMBERS)
def test_an_order_number_never_changes_what_it_stands_in(number: str) -> None:
    subject = SUBJECT._replace(order_no=number)
    target = text_template("/a/${order_no}/b", SUBMIT_VARIABLES, (), in_address).render(subject)
    assert (target.count("/"), "?" in target, "#" in target) == (3, False, False)
    fields = parse_qsl(body(subject, form={"n": "${order_no}", "m": {"x": "1"}}).decode(), keep_blank_values=True)
    assert fields == [("n", number), ("m[x]", "1")]
    root = fromstring(body(subject, xml={"x": {"@a": "${order_no}", "n": "${order_no}", "z": "1"}}))
    assert [(element.tag, element.text or "") for element in root] == [("n", number), ("z", "1")]
    assert root.get("a") == number
    assert json.loads(body(subject, json={"n": "${order_no}", "z": "<${order_no}>"})) == {
        "n": number,
        "z": f"<{number}>",
    }

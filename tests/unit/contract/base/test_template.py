"""Request templates."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.contract.base.contract_error import ContractError
from ackord.contract.base.template import (
    field_template,
    in_address,
    in_header,
    json_template,
    text_template,
)
from ackord.contract.base.variables import (
    CLOCK_VARIABLES,
    LEDGER_VARIABLES,
    ORDER_VARIABLES,
    REFUND_VARIABLES,
    STATEMENT_VARIABLES,
    SUBMIT_VARIABLES,
    VARIABLES,
    TemplateContext,
)

SUBJECT = TemplateContext("main", "acc_1", "a/b c", 1999, "EUR", 'Zoë "Z"')


def address(text: str) -> str:
    return text_template(text, SUBMIT_VARIABLES, (), in_address).render(SUBJECT)


def test_values_in_an_address_are_percent_encoded_slashes_too() -> None:
    assert address("/v1/${order_no}/x") == "/v1/a%2Fb%20c/x"
    assert address("100%s/${currency}") == "100%s/EUR"
    assert address("/$${order_no}") == "/${order_no}"


def test_a_field_is_percent_encoded_with_its_literals() -> None:
    template = field_template('{"no":"${order_no}","memo":"1 + 2 & 3%"}', SUBMIT_VARIABLES, ())
    assert parse_qsl(f"biz_content={template.render(SUBJECT)}") == [
        ("biz_content", '{"no":"a/b c","memo":"1 + 2 & 3%"}')
    ]


def test_an_amount_in_both_units() -> None:
    assert address("${amount.minor}-${amount.major}") == "1999-19.99"


def test_in_json_exactly_one_variable_keeps_its_type() -> None:
    body = {
        "n": "${amount.minor}",
        "t": "${amount.minor} ${payee}%",
        "p": "${payee}",
        "l": [1, None, True, "100%"],
        "d": {},
    }
    text = json_template(body, SUBMIT_VARIABLES, ()).render(SUBJECT)
    assert json.loads(text) == {
        "n": 1999, "t": '1999 Zoë "Z"%', "p": 'Zoë "Z"', "l": [1, None, True, "100%"], "d": {},
    }  # fmt: skip
    assert text.isascii()


def test_a_variable_without_a_value_is_null_empty_or_absent() -> None:
    assert json_template(["${provider_id}", "x${provider_id}"], ORDER_VARIABLES, ()).render(SUBJECT) == '[null,"x"]'
    cursor = text_template("${cursor}", LEDGER_VARIABLES, (), in_address)
    assert cursor.absent(SUBJECT)
    assert not cursor.absent(SUBJECT._replace(cursor="7"))
    assert not text_template("x${cursor}", LEDGER_VARIABLES, (), in_address).absent(SUBJECT)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("${order_nr}", 'Did you mean "order_no"?'),
        ("${cursor}", "has no value here"),
        ("${env}", "there is no variable"),
        ("${}", "there is no variable"),
        ("${order_no", "never closed"),
    ],
)
def test_a_variable_that_cannot_be_used_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(ContractError, match=says.replace("?", r"\?")) as failure:
        json_template({"a": [0, text]}, SUBMIT_VARIABLES, ("submit", "json"))
    assert failure.value.path == ("submit", "json", "a", 1)


def test_a_key_cannot_hold_a_variable() -> None:
    with pytest.raises(ContractError, match="a key cannot hold a variable"):
        json_template({"${order_no}": 1}, SUBMIT_VARIABLES, ())


@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "\x00", "é"])
def test_a_value_never_ends_its_header(value: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in a header"):
        in_header(value)


def test_every_variable_is_known_somewhere() -> None:
    orders = SUBMIT_VARIABLES | ORDER_VARIABLES | REFUND_VARIABLES
    assert set(VARIABLES) == orders | LEDGER_VARIABLES | STATEMENT_VARIABLES | CLOCK_VARIABLES


_BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5).filter(lambda t: "${" not in t),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3).filter(lambda t: "${" not in t), inner, max_size=3)
    ),
)


@given(_BODIES, st.text(max_size=6))
def test_a_body_is_always_the_json_that_it_says(body: Any, payee: str) -> None:
    template = json_template({"fixed": body, "whole": "${payee}", "part": "<${payee}>"}, SUBMIT_VARIABLES, ())
    text = template.render(SUBJECT._replace(payee=payee))
    assert json.loads(text) == {"fixed": body, "whole": payee, "part": f"<{payee}>"}

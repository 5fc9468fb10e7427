"""Requests without a key, of what carries it: a header, a field, or an address, which cannot do without."""

from __future__ import annotations

import pytest

from ackord.contract.codec.key_requests import key_header_of, keyless_requests
from ackord.contract.spec.requests import RequestSpec
from ackord.core.key_promises import KeyVariation


def request(**parts: object) -> RequestSpec:
    return RequestSpec.model_validate({"method": "POST", "path": "/pay", **parts})


IN_HEADER = request(headers={"Key": "${order_no}", "X": "1"}, json={"ref": "${order_no}", "a": 1})
IN_BODY = request(json={"data": [{"ref": "M-${order_no}"}], "a": "${amount.minor}"})


def test_a_header_is_the_key_before_any_field() -> None:
    made = keyless_requests(IN_HEADER)
    assert key_header_of(IN_HEADER) == "Key"
    assert made[KeyVariation.MISSING].headers == {"X": "1"}
    assert made[KeyVariation.EMPTY].headers == {"Key": "", "X": "1"}
    assert made[KeyVariation.MISSING].body == IN_HEADER.body


def test_a_field_is_the_key_where_no_header_is() -> None:
    made = keyless_requests(IN_BODY)
    assert key_header_of(IN_BODY) == ""
    assert made[KeyVariation.MISSING].body == {"data": [{}], "a": "${amount.minor}"}
    assert made[KeyVariation.EMPTY].body == {"data": [{"ref": ""}], "a": "${amount.minor}"}


@pytest.mark.parametrize(
    "spec",
    [
        request(path="/pay/${order_no}", json={"ref": "${order_no}"}),
        request(query={"no": "${order_no}"}),
        request(json={"text": "${order_no} of ${account.id}"}),
    ],
)
def test_a_key_that_stands_in_an_address_or_a_text_cannot_be_left_out(spec: RequestSpec) -> None:
    assert keyless_requests(spec) == {}

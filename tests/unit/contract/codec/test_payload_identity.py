"""A payload's identity: equal for equal values, but for what the contract ignores."""

from __future__ import annotations

from ackord.contract.base.payment import PLAIN, Payment, template_context_of
from ackord.contract.codec.payload_identity import PayloadIdentity

from ..support import codec

P = Payment("no-000000000001", "main", 1999, "EUR", "payee")


def identity(payment: Payment, *, ignored: str = "[]", variation: str = "", compared: bool = False) -> str:
    keys = "promises: {keys: {equivalent_bytes: other_payload}}\n" if compared else ""
    contract = codec("states:", f"ignored_fields: {ignored}\n{keys}states:").contract
    return PayloadIdentity(contract, ()).fingerprint(template_context_of(payment, "acc_1", PLAIN), variation)


def test_an_amount_is_part_of_it_unless_it_is_ignored() -> None:
    other = P._replace(amount_minor=5)
    assert identity(P) == identity(P._replace(payee="unsent")) != identity(other)
    assert identity(P, ignored="[$.amount]") == identity(other, ignored="[$.amount]")


def test_bytes_are_part_of_it_where_they_are_compared() -> None:
    assert identity(P, variation="escapes") == identity(P)
    assert identity(P, variation="escapes", compared=True) != identity(P, compared=True)

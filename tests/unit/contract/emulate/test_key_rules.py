"""Keys at an emulated provider: what is refused, what is an order of its own, and what merchants are shown of it."""

from __future__ import annotations

import pytest

from ackord.contract.base.http_messages import HttpRequest, TimestampNonce
from ackord.contract.base.payment import Payment
from ackord.contract.codec.codec import Codec
from ackord.contract.emulate.domain_requests import InvalidRequest, ProviderRequest, SubmitRequest
from ackord.contract.emulate.domain_responses import MovementsResponse, OrderResponse, ProviderMovement, ProviderOrder
from ackord.contract.emulate.domain_responses import ResponseReason as Reason
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.emulate.key_rules import as_shown
from ackord.core.operation import OperationKind

from ..support import codec

P = Payment("no-000000000001", "main", 1999, "EUR", "payee")
HEADER = 'headers: {Key: "${order_no}"}, json: {no: "${order_no}"'


def contract(missing: str = "reject", case: str = "true", *, header: bool = False) -> Codec:
    keys = f"{{missing: {missing}, empty: {missing}, overlong: {{over: 20, answer: reject}}, case_sensitive: {case}}}"
    made = codec("states:", f"promises: {{keys: {keys}}}\nstates:")
    if not header:
        return made
    submit = made.contract.submit
    request = submit.request.model_copy(update={"headers": {"Key": "${order_no}"}})
    return Codec(made.contract.model_copy(update={"submit": submit.model_copy(update={"request": request})}))


def asked(made: Codec, variation: str = "", number: str = P.order_no, nonce: str = "n1") -> ProviderRequest:
    request: HttpRequest = made.request(OperationKind.SUBMIT, P._replace(order_no=number), variation=variation)
    return ContractEmulation(made).understand(request, TimestampNonce(1, nonce))


@pytest.mark.parametrize("header", [False, True])
@pytest.mark.parametrize("variation", ["key-missing", "key-empty"])
def test_a_submit_without_a_key_is_refused_as_a_submit(variation: str, *, header: bool) -> None:
    refused = asked(contract(header=header), variation)
    assert isinstance(refused, InvalidRequest)
    assert refused.operation == OperationKind.SUBMIT


@pytest.mark.parametrize("header", [False, True])
@pytest.mark.parametrize("variation", ["key-missing", "key-empty"])
def test_where_it_is_taken_each_is_an_order_of_its_own(variation: str, *, header: bool) -> None:
    made = contract("accept", header=header)
    first, second = asked(made, variation), asked(made, variation, nonce="n2")
    assert isinstance(first, SubmitRequest) and isinstance(second, SubmitRequest)
    assert first.submission.order_no != second.submission.order_no
    shown = as_shown(OrderResponse(ProviderOrder("po", "main", *first.submission, "ACCEPTED", "A"), Reason.ACCEPTED))
    assert isinstance(shown, OrderResponse)
    assert shown.order.order_no == (P.order_no if header else "")
    movement = ProviderMovement(1, "main", first.submission.order_no, "po", 1999, "payout", 0, "EUR")
    moved = as_shown(MovementsResponse((movement,), 1))
    assert isinstance(moved, MovementsResponse)
    assert moved.movements[0].order_no == shown.order.order_no


def test_an_overlong_key_is_refused() -> None:
    assert isinstance(asked(contract(), number="n" * 21), InvalidRequest)
    assert isinstance(asked(contract(), number="n" * 20), SubmitRequest)


def test_a_number_is_stored_as_it_was_spelled_first_where_case_means_nothing() -> None:
    made = contract(case="false")
    emulation = ContractEmulation(made)
    numbers = []
    for number in (P.order_no, P.order_no.upper()):
        understood = emulation.understand(made.submit(P._replace(order_no=number)), TimestampNonce(1, "n"))
        assert isinstance(understood, SubmitRequest)
        numbers.append(understood.submission.order_no)
    assert numbers == [P.order_no] * 2

"""Scenarios about keys: what is sent where the contract promises something, and where it promises nothing."""

from __future__ import annotations

import asyncio

import pytest

from ackord.client.operation_request import OperationRequest
from ackord.core.key_promises import ByteForm, KeyAnswer, KeyPromises, KeyVariation
from ackord.core.operation import OperationKind
from ackord.core.promises import Promises

from .stage import FakeClient, storm

KEYS = KeyPromises(longest=20, overlong=KeyAnswer.REJECT, case_sensitive=True)
NAMES = ("equivalent-bytes", "key-missing", "key-empty", "key-overlong", "key-other-case")


def submits(name: str, *offered: str) -> list[OperationRequest]:
    client = FakeClient()
    player = storm(client)
    player.offered, player.promised = frozenset(offered), Promises(keys=KEYS)
    asyncio.run(player.play([name], concurrency=1))
    return [call for call in client.calls if call.kind is not OperationKind.QUERY]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_promised_is_not_sent(name: str) -> None:
    calls = submits(name)
    assert calls
    assert not any(call.variation for call in calls)
    assert len({call.payment for call in calls}) == 1


def test_every_form_of_bytes_is_sent_twice_with_the_same_values() -> None:
    calls = submits("equivalent-bytes", ByteForm.ESCAPES, ByteForm.FIELD_ORDER)
    sent = [call.variation for call in calls]
    assert sent == ["", "field-order", "escapes", "field-order", "escapes", ""]
    assert len({call.payment for call in calls}) == 1


@pytest.mark.parametrize("variation", [KeyVariation.MISSING, KeyVariation.EMPTY])
def test_orders_without_a_key_differ_and_are_nobodys_resubmissions(variation: KeyVariation) -> None:
    first, second = submits(variation, variation)
    assert {first.kind, second.kind} == {OperationKind.SUBMIT}
    assert first.payment.amount_minor != second.payment.amount_minor
    assert first.token != second.token


def test_overlong_keys_differ_behind_the_longest_alone() -> None:
    first, second = submits("key-overlong", KeyVariation.OVERLONG)
    numbers = first.payment.order_no, second.payment.order_no
    assert numbers[0] != numbers[1]
    assert numbers[0][:20] == numbers[1][:20]
    assert {len(number) for number in numbers} == {28}


def test_the_other_case_is_an_order_of_its_own_or_the_same_one() -> None:
    own, other = submits("key-other-case", KeyVariation.OTHER_CASE)[:1], submits("key-other-case", KeyVariation.FOLDED)
    assert own[0].variation == ""
    assert [call.variation for call in other] == ["", KeyVariation.FOLDED]
    assert len({call.payment for call in other}) == 1


def test_two_payloads_meet() -> None:
    first, second, again = submits("other-payload-in-flight")
    assert first.hold == second.hold != ""
    assert first.payment.amount_minor != second.payment.amount_minor
    assert again.payment == first.payment

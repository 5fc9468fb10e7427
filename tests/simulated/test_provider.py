"""The provider answers in virtual time as the contract says, with a standby that is late and a bank that is silent."""

from __future__ import annotations

import json

import pytest

from ackord.contract.codec.codec import HttpRequest
from ackord.core.clock import MS
from ackord.core.operation import Observation, OperationKind
from ackord.core.seed import Seed
from ackord.errors import UnknownNameError, UsageError
from ackord.providers.service.payment_service import PaymentService
from ackord.providers.variants import variant_named
from ackord.simulation.simulated_provider import simulated_provider
from ackord.simulation.simulated_standby import BASE_LAG_NS

from .worlds import Door, codec, payment


def observed(kind: OperationKind, answer) -> Observation:  # type: ignore[no-untyped-def]
    return codec().read(kind, answer).observation


def amounts_by_end(seed: int = 3) -> dict[str, int]:
    """What becomes of an order is decided by its amount: the first amount for each story."""
    found: dict[str, int] = {}
    for amount in range(100, 400):
        door = Door(seed=seed)
        if door.submit(payment(amount)).status != 202:
            found.setdefault("busy", amount)
            continue
        door.clock.sleep_ns(35 * MS)
        early = door.status("M-00000001")
        early_ledger = len(door.provider.ledger)
        door.clock.sleep_ns(600 * MS)
        late = door.status("M-00000001")
        story = late
        if early == "PROCESSING":
            story = "paid by the inquiry" if early_ledger == 0 else late
        found.setdefault(story, amount)
    return found


def test_first_repeated_altered_unknown() -> None:
    door = Door()
    first = door.submit(payment())
    again = door.submit(payment())
    assert (first.status, again.status) == (202, 200)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert json.loads(first.body)["provider_id"] == json.loads(again.body)["provider_id"]
    altered = door.submit(payment(101))
    assert (altered.status, json.loads(altered.body)["code"]) == (409, "ORDER_CONFLICT")
    missing = door.query("M-00000002")
    assert (missing.status, json.loads(missing.body)["code"]) == (404, "ORDER_NOT_FOUND")
    assert json.loads(door.query("M-00000001").body)["amount"] == 100


def test_every_answer_is_in_the_contract() -> None:
    door = Door()
    assert observed(OperationKind.SUBMIT, door.submit(payment())) is Observation.ACK
    assert observed(OperationKind.RESUBMIT, door.submit(payment())) is Observation.ACK
    assert observed(OperationKind.RESUBMIT, door.submit(payment(101))) is Observation.CONFLICT
    assert observed(OperationKind.QUERY, door.query("M-00000001")) is Observation.STATUS
    assert observed(OperationKind.QUERY, door.query("M-00000009")) is Observation.NOT_FOUND
    busy = amounts_by_end()["busy"]
    assert observed(OperationKind.SUBMIT, Door().submit(payment(busy))) is Observation.RETRYABLE


def test_an_account_sees_only_its_own_orders() -> None:
    door = Door()
    door.submit(payment())
    assert door.query("M-00000001", "other").status == 404
    assert door.submit(payment(777, account="other")).status == 202
    assert json.loads(door.query("M-00000001").body)["amount"] == 100


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (HttpRequest("GET", "/v1/orders/M-00000001", (), b""), 401),
        (HttpRequest("GET", "/v1/orders/M-00000001", (("authorization", "Bearer sk_who"),), b""), 401),
        (HttpRequest("POST", "/v1/orders", (("authorization", "Bearer sk_main"),), b"<html>"), 422),
        (HttpRequest("POST", "/v1/orders", (("authorization", "Bearer sk_main"),), b"[]"), 422),
        (HttpRequest("POST", "/v1/orders", (("authorization", "Bearer sk_main"),), b"\xff"), 422),
        (codec().submit(payment())._replace(body=codec().submit(payment()).body.replace(b"100", b"true")), 422),
        (HttpRequest("GET", "/v2/orders", (("authorization", "Bearer sk_main"),), b""), 404),
        (HttpRequest("DELETE", "/v1/orders", (("authorization", "Bearer sk_main"),), b""), 404),
    ],
)
def test_what_is_refused(request_: HttpRequest, status: int) -> None:
    door = Door()
    assert door.ask(request_).status == status
    assert not door.provider.store.orders


def test_a_busy_provider_takes_the_second_delivery() -> None:
    door = Door()
    busy = payment(amounts_by_end()["busy"])
    assert door.submit(busy).status == 503
    assert door.query(busy.order_no).status == 404, "nothing was stored"
    assert door.submit(busy).status == 202
    assert door.submit(busy).status == 200


def test_all_that_a_bank_can_do_happens_for_some_amount() -> None:
    assert set(amounts_by_end()) == {"busy", "SUCCEEDED", "DECLINED", "RETURNED", "paid by the inquiry"}


@pytest.mark.parametrize(
    ("story", "kinds"),
    [
        ("SUCCEEDED", ["payout"]),
        ("DECLINED", []),
        ("RETURNED", ["payout", "return"]),
        ("paid by the inquiry", ["payout"]),
    ],
)
def test_the_ledger_shows_what_the_bank_did(story: str, kinds: list[str]) -> None:
    door = Door()
    amount = amounts_by_end()[story]
    for _ in range(3):
        door.submit(payment(amount))
    door.clock.sleep_ns(700 * MS)
    assert [entry.kind for entry in door.provider.ledger] == kinds
    assert {entry.amount for entry in door.provider.ledger} <= {amount}
    assert len({entry.id for entry in door.provider.ledger}) == len(kinds)


def test_a_silent_bank_is_no_failure() -> None:
    amount = amounts_by_end()["paid by the inquiry"]
    correct, flawed = Door(), Door("timeout-failed")
    for door in (correct, flawed):
        door.submit(payment(amount))
        door.clock.sleep_ns(50 * MS)
    assert (correct.status("M-00000001"), flawed.status("M-00000001")) == ("PROCESSING", "FAILED")
    for door in (correct, flawed):
        door.clock.sleep_ns(600 * MS)
        assert [entry.kind for entry in door.provider.ledger] == ["payout"]
    assert (correct.status("M-00000001"), flawed.status("M-00000001")) == ("SUCCEEDED", "SUCCEEDED")


def test_a_second_confirmation_does_not_undo_a_return() -> None:
    amount = amounts_by_end()["RETURNED"]
    assert type(Door().provider.service) is PaymentService
    assert type(Door("late-success").provider.service) is variant_named("late-success")
    ends = []
    for flaw in ("", "late-success"):
        door = Door(flaw)
        door.submit(payment(amount))
        door.clock.sleep_ns(400 * MS)
        ends.append(door.status("M-00000001"))
    assert ends == ["RETURNED", "SUCCEEDED"]


def test_the_standby_is_late_by_its_lag() -> None:
    door = Door("standby-reads")
    standby = door.provider.standby
    standby.lag_ns = 20 * MS
    door.submit(payment())
    assert door.query("M-00000001").status == 404
    door.clock.sleep_ns(18 * MS)
    assert door.query("M-00000001").status == 404
    door.clock.sleep_ns(2 * MS)
    assert door.query("M-00000001").status == 200


def test_a_lag_that_heals_does_not_reorder_writes() -> None:
    door = Door("standby-reads")
    standby = door.provider.standby
    standby.lag_ns = 30 * MS
    door.submit(payment())
    standby.lag_ns = BASE_LAG_NS
    door.clock.sleep_ns(25 * MS)
    assert door.query("M-00000001").status == 404, "later writes wait behind the first"
    assert standby.behind_ns() > 20 * MS
    door.clock.sleep_ns(10 * MS)
    assert door.query("M-00000001").status == 200
    door.clock.sleep_ns(400 * MS)
    assert standby.behind_ns() == 0


def test_a_cut_standby_stands_still_and_catches_up() -> None:
    door = Door("standby-reads")
    standby = door.provider.standby
    door.submit(payment(order_no="M-00000001"))
    door.clock.sleep_ns(MS)
    standby.catch_up()
    standby.cut = True
    door.submit(payment(order_no="M-00000002"))
    door.clock.sleep_ns(900 * MS)
    assert door.status("M-00000001") in ("RECEIVED", "PROCESSING"), "it knows what it knew"
    assert door.query("M-00000002").status == 404
    standby.cut = False
    assert door.status("M-00000001") not in ("RECEIVED", "PROCESSING")
    assert door.query("M-00000002").status == 200


def test_a_variant_that_does_not_exist() -> None:
    with pytest.raises(UnknownNameError, match="standby-reads"):
        simulated_provider(Door().clock, Seed(3), "standby-read")


def test_a_variant_that_is_only_live_says_why() -> None:
    with pytest.raises(UsageError, match="causal-reads cannot be simulated: it waits for a position"):
        simulated_provider(Door().clock, Seed(3), "causal-reads")

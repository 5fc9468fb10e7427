"""``amounts`` of a contract: what is sent, read, emulated and linted where a provider counts in its own way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.codec.codec import Codec, Payment, compile_contract
from ackord.contract.emulate.domain_requests import LedgerRequest, SubmitRequest
from ackord.contract.emulate.domain_responses import (
    MovementsResponse,
    OrderResponse,
    ProviderMovement,
    ProviderOrder,
    ResponseReason,
)
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.spec.model import Contract
from ackord.core.operation import Observation, OperationKind
from ackord.core.seed import Seed
from ackord.errors import FileError
from ackord.report.contract_summary import explain_contract
from ackord.workload.order_factory import OrderFactory

from ..support import SMALL, document, loaded

TEXT = SMALL + "amounts: {minor_units: text}\n"
ISK = SMALL + "currency: ISK\namounts: {exponents: {ISK: 2}}\n"
MAJOR = ISK.replace("${amount.minor}", "${amount.major}").replace("amount_minor: $.amount", "amount_major: $.amount")
MOMENT = TimestampNonce(1_790_000_000, "n")
READS = OperationKind.QUERY


def made(text: str) -> Codec:
    return compile_contract(Contract.model_validate(document(text).data))


def answer(amount: object) -> HttpResponse:
    return HttpResponse(200, {}, json.dumps({"id": "p", "status": "PAID", "amount": amount}).encode())


@pytest.mark.parametrize(
    ("text", "currency", "sent", "shown"),
    [(SMALL, "EUR", 1999, 1999), (TEXT, "EUR", "1999", "1999"), (ISK, "ISK", 199900, 199900), (MAJOR, "ISK", "1999.00", "1999.00")],
)  # fmt: skip
def test_what_is_sent_is_what_is_read(text: str, currency: str, sent: object, shown: object) -> None:
    codec = made(text)
    payment = Payment("n-1", "main", 1999, currency, "payee")
    assert json.loads(codec.submit(payment).body)["amount"] == sent
    assert codec.read(READS, answer(shown)).amount_minor == 1999


@pytest.mark.parametrize(
    ("text", "shown", "problem"),
    [
        (SMALL, "1999", "the amount is text"),
        (TEXT, "19.99", "the amount is text"),
        (ISK, 1999, "no whole number of ISK's"),
    ],
)
def test_another_form_is_no_amount(text: str, shown: object, problem: str) -> None:
    reading = made(text).read(READS, answer(shown))
    assert reading.observation is Observation.UNREADABLE
    assert problem in reading.detail


@pytest.mark.parametrize("text", [TEXT, ISK, MAJOR])
def test_an_emulator_writes_as_it_is_asked(text: str) -> None:
    codec = made(text)
    emulation = ContractEmulation(codec)
    payment = Payment("n-1", "main", 1999, codec.contract.currency, "payee")
    request = codec.submit(payment)
    asked = emulation.understand(request, MOMENT)
    assert isinstance(asked, SubmitRequest)
    assert asked.submission.amount == 1999
    order = ProviderOrder("p", "main", "n-1", 1999, payment.currency, "payee", "ACCEPTED", "A")
    told = emulation.answer(asked, OrderResponse(order, ResponseReason.ACCEPTED), request, MOMENT)
    assert codec.read(OperationKind.SUBMIT, told).amount_minor == 1999
    movement = ProviderMovement(1, "main", "n-1", "p", 1999, "payout")
    page = emulation.answer(
        LedgerRequest("main", 0, 10), MovementsResponse((movement,), 1), HttpRequest("GET", "/", (), b"")
    )
    assert [row.amount_minor for row in codec.read_ledger_page(page, "main").rows] == [1999]


def test_fewer_places_need_a_step(tmp_path: Path) -> None:
    kwd = SMALL + "currency: KWD\namounts: {exponents: {KWD: 2}}\n"
    with pytest.raises(FileError, match=r"limits.amount_step_minor: 10"):
        loaded(tmp_path, kwd)
    assert loaded(tmp_path, kwd + "limits: {amount_step_minor: 10}\n").contract.currency == "KWD"


def test_explain_says_so(tmp_path: Path) -> None:
    shown = explain_contract(loaded(tmp_path, ISK + "\n".join([""])))
    assert "Amounts of ISK have 2 decimal places; ISO 4217 has 0." in shown.replace("\u00a0", " ")
    assert "How it is written" not in explain_contract(loaded(tmp_path, SMALL))


SEVERAL = (
    SMALL.replace('amount: "${amount.minor}"', 'amount: "${amount.major}", currency: "${currency}"').replace(
        "amount_minor: $.amount", "amount_major: $.amount, currency: $.currency"
    )
    + "currencies: [EUR, JPY, KWD]\n"
)


@pytest.mark.parametrize(("currency", "written"), [("EUR", "19.99"), ("JPY", "1999"), ("KWD", "1.999")])
def test_an_order_s_own_currency_counts(currency: str, written: str) -> None:
    c = made(SEVERAL)
    assert json.loads(c.submit(Payment("n-1", "main", 1999, currency, "p")).body)["amount"] == written
    shown = {"id": "p", "status": "PAID", "amount": written, "currency": currency}
    reading = c.read(READS, HttpResponse(200, {}, json.dumps(shown).encode()))
    assert (reading.amount_minor, reading.currency) == (1999, currency)
    row = {"id": "m1", "no": "n-1", "account": "acc_1", "amount": written, "currency": currency, "kind": "payout"}
    page = c.read_ledger_page(HttpResponse(200, {}, json.dumps({"rows": [row]}).encode()), "main")
    assert [(r.amount_minor, r.currency) for r in page.rows] == [(1999, currency)]
    movement = ProviderMovement(1, "main", "n-1", "p", 1999, "payout", currency=currency)
    told = ContractEmulation(c).answer(
        LedgerRequest("main", 0, 10), MovementsResponse((movement,), 1), HttpRequest("GET", "/", (), b"")
    )
    assert [(r.amount_minor, r.currency) for r in c.read_ledger_page(told, "main").rows] == [(1999, currency)]


def test_orders_take_the_currencies_in_turn() -> None:
    contract = made(SEVERAL).contract
    form = contract.order_no.number_form()
    book = OrderFactory(Seed(1), "r", form=form, account="main", currencies=contract.order_currencies)
    assert {book.create_order().payment.currency for _ in range(6)} == {"EUR", "JPY", "KWD"}
    assert made(SMALL).contract.order_currencies == ("EUR",)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[EUR, JPY, KWD]", "[JPY, KWD]", "EUR and another one"),
        ("[EUR, JPY, KWD]", "[EUR]", "EUR and another one"),
        (", currency: $.currency, code", ", code", "which currency an amount in major units is of"),
        (", currency: $.currency, kind", ", kind", "which currency an amount in major units is of"),
    ],
)
def test_currencies_that_cannot_be_told_apart(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in SEVERAL
    with pytest.raises(FileError, match=says):
        loaded(tmp_path, SEVERAL.replace(old, new, 1))

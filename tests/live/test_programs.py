"""Programs that others wrote, held to what the provider they stand in for documents: what is wrong with them is found,
and what is right is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ackord.contract.loading.loader import load_contract
from ackord.core.result import ProfileResult
from ackord.core.verdict import Result
from ackord.run.interactive import InteractiveRun
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan
from ackord.run.session import Session

from .programs import CONTRACTS, LNbits, lnbits, localstripe, stripe_mock, stripe_stateful_mock

PROFILE = """
name: busy
incident: A merchant that repeats itself, with nothing wrong on the way.
phases: {disturb: {orders: 40, concurrency: 8}}
workload: {resubmit: 3, altered: 2, race: 3, other-account: 2}
exposes: [resubmission-moves-money-once, concurrent-duplicates-collapse, conflicting-resubmission-refused]
machine: false
"""

LOST_ANSWERS = """
name: forgetful
incident: A merchant that repeats itself, and does not hear every answer.
phases: {disturb: {orders: 40, concurrency: 4}}
workload: {lost-answer: 3, resubmit: 2, altered: 2, race: 3, other-account: 2}
faults:
  - {fault: lost-answer, share: 0.5, match: {operation: [submit]}, mode: reset, proves: [lost-ack-recoverable]}
exposes: [resubmission-moves-money-once, concurrent-duplicates-collapse, lost-ack-recoverable]
machine: false
"""


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("profiles") / "busy.yaml"
    path.write_text(PROFILE)
    return str(path)


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("profiles") / "forgetful.yaml"
    path.write_text(LOST_ANSWERS)
    return str(path)


@pytest.fixture
def payouts(tmp_path: Path) -> Iterator[str]:
    with localstripe(tmp_path / "store.pickle") as url:
        yield url


@pytest.fixture
def charges() -> Iterator[str]:
    with stripe_stateful_mock() as url:
        yield url


def session_of(contract: str, url: str, profile: str, out: Path) -> Session:
    return Session(
        make_plan(
            RunOptions(str(CONTRACTS / contract), target=url, profiles=[profile], budget="standard", seed=6, out=out)
        )
    )


def certify(contract: str, url: str, profile: str, out: Path) -> ProfileResult:
    with session_of(contract, url, profile, out) as session:
        return session.run(session.plan.profiles[0])


def result_of(result: ProfileResult, guarantee: str) -> Result:
    verdict = result.verdict.of(guarantee)
    assert verdict.exposures, f"nothing exposed {guarantee}"
    return verdict.result


def test_localstripe_ignores_the_key(payouts: str, busy: str, tmp_path: Path) -> None:
    result = certify("localstripe-payouts.yaml", payouts, busy, tmp_path)
    for guarantee in (
        "resubmission-same-order",
        "resubmission-moves-money-once",
        "concurrent-duplicates-collapse",
        "conflicting-resubmission-refused",
    ):
        assert result_of(result, guarantee) is Result.VIOLATED, guarantee
    assert result_of(result, "acknowledged-order-visible") is Result.HELD


def test_localstripe_takes_a_payout_back_that_was_paid(payouts: str, busy: str, tmp_path: Path) -> None:
    with (
        session_of("localstripe-payouts.yaml", payouts, busy, tmp_path) as session,
        InteractiveRun(session.plan, session.plan.profiles[0], session.environment) as bench,
        httpx.Client(base_url=payouts, auth=("sk_test_12345", "")) as operator,
    ):
        order = bench.submit()
        shown = bench.query(order)
        assert shown is not None
        payout = f"/v1/payouts/{shown.provider_id}"
        for path, fields in ((payout, {"status": "paid"}), (payout, {"status": "pending"}), (f"{payout}/cancel", {})):
            changed = operator.post(path, data=fields)
            assert changed.status_code == 200, changed.text
            bench.query(order)
        verdict = bench.verdict()
    fell_back, not_final = verdict.of("status-never-regresses"), verdict.of("terminal-status-final")
    assert (fell_back.result, not_final.result) == (Result.VIOLATED, Result.VIOLATED)
    assert "showed SUCCEEDED" in fell_back.findings[0].summary
    assert "200 canceled (CANCELLED): no declared edge leads there" in not_final.findings[0].summary


def test_stripe_stateful_mock_keeps_its_keys_and_shares_them_between_accounts(
    charges: str, busy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHARGED", "tok_visa")
    result = certify("stripe-stateful-mock-charges.yaml", charges, busy, tmp_path)
    for guarantee in (
        "resubmission-same-order",
        "resubmission-moves-money-once",
        "concurrent-duplicates-collapse",
        "conflicting-resubmission-refused",
        "acknowledged-order-visible",
    ):
        assert result_of(result, guarantee) is Result.HELD, guarantee
    assert result_of(result, "key-scope-respected") is Result.VIOLATED


def test_stripe_stateful_mock_forgets_a_charge_that_it_acknowledged(
    charges: str, busy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHARGED", "tok_forget")
    result = certify("stripe-stateful-mock-charges.yaml", charges, busy, tmp_path)
    assert result_of(result, "acknowledged-order-visible") is Result.VIOLATED
    assert result_of(result, "resubmission-same-order") is Result.HELD


def test_stripe_mock_keeps_nothing(forgetful: str, tmp_path: Path) -> None:
    with stripe_mock() as url:
        result = certify("localstripe-payouts.yaml", url, forgetful, tmp_path)
    for guarantee in (
        "resubmission-same-order",
        "lost-ack-recoverable",
        "concurrent-duplicates-collapse",
        "conflicting-resubmission-refused",
        "order-shown-as-submitted",
    ):
        assert result_of(result, guarantee) is Result.VIOLATED, guarantee
    once = result.verdict.of("resubmission-moves-money-once")
    assert once.result is Result.INCONCLUSIVE
    assert once.reason.startswith("the ledger was read and shows no movement of any of the ")


@pytest.fixture
def payments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LNbits]:
    with lnbits(tmp_path / "lnbits") as served:
        for account in ("main", "other", "payee"):
            monkeypatch.setenv(f"LNBITS_{account.upper()}_KEY", getattr(served, f"{account}_key"))
        yield served


def test_lnbits_calls_an_invoice_failed_that_it_has_paid(payments: LNbits, forgetful: str, tmp_path: Path) -> None:
    result = certify("lnbits-payments.yaml", payments.url, forgetful, tmp_path)
    assert result_of(result, "acknowledged-order-not-failed") is Result.VIOLATED
    for guarantee in ("resubmission-same-order", "lost-ack-recoverable"):
        assert result_of(result, guarantee) is Result.UNSAFE, guarantee
    for guarantee in (
        "acknowledged-order-visible",
        "succeeded-order-paid",
        "payout-as-ordered",
        "resubmission-moves-money-once",
        "concurrent-duplicates-collapse",
        "key-scope-respected",
    ):
        assert result_of(result, guarantee) is Result.HELD, guarantee
    told = result.verdict.of("acknowledged-order-not-failed").findings[0].summary
    assert "520 Internal invoice already paid." in told


@pytest.mark.parametrize("name", ["formance-transactions", "blnk-transactions", "blnk-queued-transactions"])
def test_contracts_of_programs_that_no_registry_has_are_ready_for_an_address(name: str) -> None:
    """They were judged by hand (docs/EVIDENCE.md)."""
    assert load_contract(str(CONTRACTS / f"{name}.yaml")).contract.provider == name

"""The contract's limits are kept by everything that sends, over all profiles: counted at a provider."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.core.amount_range import AmountRange
from ackord.core.result import CampaignResult
from ackord.core.verdict import Result
from ackord.errors import UsageError
from ackord.report.coverage_text import coverage_sentences
from ackord.run.interactive import InteractiveRun
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import load_profile, make_plan
from ackord.run.session import Session

from .paying_provider import PayingProvider, contract_file


def certify(provider: PayingProvider, contract: str, folder: Path, *profiles: str) -> CampaignResult:
    options = RunOptions(contract, target=provider.url, profiles=profiles, seed=5, out=folder / "out")
    with Session(make_plan(options)) as session:
        return session.run_all()


@pytest.mark.parametrize("pays_altered", [False, True])
def test_no_more_orders_and_no_other_amounts_than_the_limits_allow(pays_altered: bool, tmp_path: Path) -> None:
    contract = contract_file(tmp_path, limits="orders: 60, amount_minor: 150")
    with PayingProvider(pays_altered=pays_altered) as provider:
        result = certify(provider, contract, tmp_path)
    orders = {(account, number) for account, number, _ in provider.submitted}
    assert 10 < len(orders) <= 60, "over all profiles and both accounts"
    assert {amount for *_, amount in provider.submitted} <= set(range(1, 151)), "altered payloads too"
    assert {m.amount for m in provider.movements} <= set(range(1, 151))
    assert result.not_run == ()
    for profile in result.profiles:
        assert any("limits.orders" in note for note in profile.verdict.notes), "what the limits took away is said"
    if not pays_altered:
        assert len(provider.movements) == len(orders) > 40
        without = [p for p in result.left_out if "limits.orders" in p.reason]
        assert without, "profiles for which no order was left are listed"
        told = coverage_sentences(result)
        assert any(without[0].profile in said and "used up limits.orders" in said for said in told)
        assert result.result is not Result.VIOLATED
    else:
        assert result.result is Result.VIOLATED


def test_a_profile_that_was_chosen_and_has_no_order_left_makes_the_run_inconclusive(tmp_path: Path) -> None:
    contract = contract_file(tmp_path, limits="orders: 12, amount_minor: 150")
    with PayingProvider() as provider:
        result = certify(provider, contract, tmp_path, "none", "lost-answers")
    assert [p.profile for p in result.profiles] == ["none"]
    assert [p.profile for p in result.left_out if "limits.orders" in p.reason] == ["lost-answers"]
    assert result.result is Result.INCONCLUSIVE
    assert any("lost-answers is required, and cannot run here" in doubt for doubt in result.doubts)


@pytest.mark.parametrize(
    ("currency", "limits", "amounts"),
    [
        ("KWD", "orders: 80, min_amount_minor: 100, amount_minor: 2000, amount_step_minor: 10", AmountRange(100, 2000, 10)),
        ("IDR", "orders: 80, min_amount_minor: 1000000, amount_minor: 5000000, amount_step_minor: 10000",
         AmountRange(1_000_000, 5_000_000, 10_000)),
        ("TWD", "orders: 80, amount_minor: 300, amount_step_minor: 100", AmountRange(100, 300, 100)),
    ],
)  # fmt: skip
def test_least_amount_and_step_are_kept(currency: str, limits: str, amounts: AmountRange, tmp_path: Path) -> None:
    contract = contract_file(tmp_path, ("currency: EUR", f"currency: {currency}"), limits=limits)
    with PayingProvider(allowed=lambda amount: amount in amounts) as provider:
        result = certify(provider, contract, tmp_path, "none")
    assert all(amount in amounts for *_, amount in provider.submitted), "the provider would have refused it"
    assert len({amount for *_, amount in provider.submitted}) > 1
    assert result.result is Result.HELD


def test_a_test_of_one_s_own_keeps_to_them(tmp_path: Path) -> None:
    contract = contract_file(tmp_path, limits="orders: 3, amount_minor: 500")
    with PayingProvider() as provider:
        plan = make_plan(RunOptions(contract, target=provider.url, seed=5, out=tmp_path / "out"))
        with Session(plan) as session, InteractiveRun(plan, load_profile("none"), session.environment) as run:
            with pytest.raises(UsageError, match=r"limits allow amounts of 100 to 500, and this one is 501"):
                run.submit(amount_minor=501)
            orders = [run.submit() for _ in range(3)]
            run.perform(orders[0], orders[0].altered(by_minor=10**9))
            with pytest.raises(UsageError, match=r"all 3 orders that limits\.orders allows are used up"):
                run.submit()
            stranger = orders[0].as_other_account()
            assert run.perform(stranger, stranger.submit()) is None, "it would be a fourth order"
            run.settle()
            assert run.verdict().of("resubmission-moves-money-once").result is Result.HELD
    assert len({(account, number) for account, number, _ in provider.submitted}) == 3
    assert all(100 <= amount <= 500 for *_, amount in provider.submitted)


def test_the_rate_holds_for_everything_together(tmp_path: Path) -> None:
    contract = contract_file(tmp_path, limits="orders: 12, rate_per_s: 60")
    with PayingProvider() as provider:
        certify(provider, contract, tmp_path, "none")
    assert any(r.path.startswith("/movements") for r in provider.requests), "the ledger counts too"
    assert len(provider.requests) > 30
    assert provider.per_second() <= 60 * 1.01

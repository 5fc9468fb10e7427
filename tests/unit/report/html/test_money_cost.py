from __future__ import annotations

from ackord.core.verdict import Result
from ackord.report.html.money_cost import cost_sentence, money_cost

from ..build import ONCE, VISIBLE, campaign, judged, profile
from .pages import SAME, broke, failed, passed, run, violated


def test_what_moved_again_is_added_up_once() -> None:
    """Two guarantees that name the same movements are one payment."""
    both = profile("a", broke(ONCE), broke("acknowledged-order-not-failed", movements=("mv-A-1-1",)), history=run())
    cost = money_cost(campaign(both))
    assert (cost.times, dict(cost.twice), cost.exact) == (3, {"EUR": 3 * 1999}, True)
    assert cost_sentence(campaign(both)) == "money moved more than once for 3 payments: 59.97 EUR too much"


def test_a_payment_under_two_numbers_is_one_payment_twice() -> None:
    p = profile("a", broke("merchant-pays-once", orders=1, movements=("mv-A-1-1", "mv-A-2-1")), history=run())
    assert cost_sentence(campaign(p)) == "money moved more than once for 1 payment: 19.99 EUR too much"


def test_a_wrong_answer_stakes_the_order() -> None:
    p = profile("a", broke(VISIBLE), judged(ONCE), history=run())
    assert cost_sentence(campaign(p)) == (
        "no money is known to have moved twice; a merchant that believes the wrong answers pays 3 orders again, "
        "59.97 EUR"
    )


def test_what_is_not_told_of_makes_it_a_floor() -> None:
    p = profile("a", broke(VISIBLE, violations=700), judged(ONCE), history=run())
    assert "pays at least 3 orders again, at least 59.97 EUR" in cost_sentence(campaign(p))


def test_an_order_that_moved_twice_is_not_at_stake_as_well() -> None:
    assert "believes" not in cost_sentence(campaign(profile("a", broke(ONCE), broke(VISIBLE), history=run())))
    assert "2 orders again" in cost_sentence(
        campaign(profile("a", broke(ONCE), broke(VISIBLE, orders=5), history=run()))
    )


def test_money_without_an_order_is_told_apart() -> None:
    p = profile("a", broke("refused-order-not-paid", orders=1, movements=("mv-A-1-1",)), history=run())
    assert cost_sentence(campaign(p)) == "19.99 EUR moved that no order asked for"


def test_a_ledger_that_nobody_read_leaves_it_open() -> None:
    p = profile("a", broke(VISIBLE), judged(ONCE, Result.NOT_APPLICABLE, "the contract has no ledger"), history=run())
    assert cost_sentence(campaign(p)).startswith("whether money moved twice is not known (the contract has no ledger)")


def test_what_no_guarantee_about_answers_broke_stakes_nothing() -> None:
    p = profile("a", broke(SAME), judged(ONCE), history=run())
    assert cost_sentence(campaign(p)) == "no money is known to have moved twice"


def test_what_held_costs_nothing() -> None:
    assert cost_sentence(passed()) == cost_sentence(failed()) == ""


def test_two_currencies_are_not_added() -> None:
    from ackord.core.event import Movement
    from ackord.core.history import History

    one = run(2)
    events = [e._replace(currency="USD") if isinstance(e, Movement) and e.order == "A-2" else e for e in one.events]
    p = profile("a", broke(ONCE, orders=2), history=History(one.header, events))
    assert "19.99 EUR and 19.99 USD too much" in cost_sentence(campaign(p))


def test_the_cost_of_all_profiles_is_added() -> None:
    assert money_cost(violated()).times == 3

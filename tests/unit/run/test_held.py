"""``require_held``: nothing is taken for held by silence, and what broke is explained."""

from __future__ import annotations

import pytest

from ackord.core.history import History, RunHeader
from ackord.core.operation import Vantage
from ackord.core.promises import Promises
from ackord.core.verdict import Finding, GuaranteeVerdict, Result, Verdict
from ackord.errors import UnknownNameError
from ackord.run.held import NotHeld, explained, require_held

HISTORY = History(RunHeader("x", "none", "provider", Vantage.PROVIDER, 7, Promises()), [])
FINDING = Finding("acknowledged-order-visible", "A", "main", Result.VIOLATED, "it was lost", 5, None, ())


def verdict(**results: Result) -> Verdict:
    guarantees = []
    for name, result in results.items():
        findings = (FINDING,) if result is Result.VIOLATED else ()
        guarantees.append(GuaranteeVerdict(name.replace("_", "-"), result, 1, 1, 0, findings, "the reason"))
    return Verdict("x", "none", 7, tuple(guarantees), notes=("2 calls of your own client judged",))


def require(found: Verdict, *names: str) -> None:
    require_held(found, names, HISTORY, repeat="pytest test_x.py")


def test_held_is_held() -> None:
    require(verdict(acknowledged_order_visible=Result.HELD, landing_bounded=Result.INCONCLUSIVE))
    require(verdict(acknowledged_order_visible=Result.HELD), "acknowledged-order-visible")


def test_what_broke_is_explained_and_what_else_broke_is_named() -> None:
    found = verdict(acknowledged_order_visible=Result.VIOLATED, landing_bounded=Result.UNSAFE)
    with pytest.raises(NotHeld) as caught:
        require(found)
    text = str(caught.value)
    assert text.startswith("VIOLATED  acknowledged-order-visible\nOrder A of account main: it was lost")
    assert "repeat with    pytest test_x.py" in text
    assert "also: landing-bounded UNSAFE\n2 calls of your own client judged" in text


@pytest.mark.parametrize("result", [Result.INCONCLUSIVE, Result.NOT_APPLICABLE, Result.ERROR, Result.UNSAFE])
def test_a_guarantee_that_was_named_must_be_held(result: Result) -> None:
    with pytest.raises(NotHeld, match=f"landing-bounded: {result}: the reason"):
        require(verdict(acknowledged_order_visible=Result.HELD, landing_bounded=result), "landing-bounded")


def test_nothing_put_to_the_test_is_not_held() -> None:
    with pytest.raises(NotHeld, match="nothing was put to the test"):
        require(verdict(acknowledged_order_visible=Result.INCONCLUSIVE))


def test_a_guarantee_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownNameError, match='no guarantee is called "landing-bound"'):
        require(verdict(landing_bounded=Result.HELD), "landing-bound")


def test_what_could_not_be_judged_is_told_with_the_next_step() -> None:
    (found,) = verdict(landing_bounded=Result.INCONCLUSIVE).guarantees
    head = "landing-bounded: INCONCLUSIVE: the reason"
    assert explained(found, HISTORY, "again") == f"{head}\nrepeat with again"
    assert explained(found, HISTORY, "again", "do more") == f"{head}\nnext: do more\nrepeat with again"

"""Judges that every callback which the provider sent verifies as the contract declares.

What a fault of ours forged, delayed or repeated on its way to a merchant is no callback of the provider's, and is not
among them: a callback is recorded as it came, before any fault touches it. A callback that came while a fault moved the
provider's clock exposes nothing, because its timestamp is then our doing.

One that does not verify is judged under the number that it names, be that an order of the run or not.
"""

from __future__ import annotations

from ..core.history import UNNAMED, OrderHistory
from ..core.promises import Promises
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .wording import POLL

ID = "callback-genuine"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    called = [c for c in order.callbacks if not ctx.clock_was_moved(c.at_ns)]
    if not called:
        return NOTHING
    bad = [c for c in called if c.problem]
    if not bad:
        return len(called), ()
    first = bad[0]
    of = f"{len(bad)} of the {len(called)} callbacks" if len(called) > 1 else "the one callback"
    about = "that name no order" if order.number == UNNAMED else "about it"
    text = f"the callback {first.callback} is not genuine: {first.problem} (so {of} {about})"
    # No answer is to blame, so nothing else that blames one is taken for the same fact.
    return len(called), [finding(ID, order, Result.VIOLATED, text, (), at_ns=first.at_ns, safe_policies=(POLL,))]


def _unsigned(promises: Promises) -> str:
    if promises.signs_callbacks is None:
        return "the contract has no callbacks"
    return "" if promises.signs_callbacks else "the contract declares no signature of callbacks: anybody can make one"


GUARANTEE = Guarantee(
    ID,
    "Callbacks are genuine",
    "Each callback of the provider MUST verify as the contract declares: signed with a key of the provider's over the "
    "bytes that were sent, and, where a tolerance is declared, at that time.",
    "A merchant that verifies refuses the callback and never learns the end; one that gives up verifying believes "
    "whoever calls.",
    judge,
    _unsigned,
    place="accounts",
    exposure="A callback of the provider's, where the contract says how callbacks are signed.",
)

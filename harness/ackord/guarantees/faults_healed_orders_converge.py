"""Judges that every order that the provider said that it has reaches a terminal status within the promised time after
all faults are healed.
"""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.payment_state import TERMINAL
from ..core.promises import Promises
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .wording import answer, duration, first_word, request

ID = "faults-healed-orders-converge"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    bound_ns, healed_ns, known = ctx.promises.settles_within_ns, ctx.healed_ns, order.known
    if bound_ns is None or healed_ns is None or known is None or known.complete_ns is None:
        return NOTHING
    answers = order.answers
    from_ns = max(healed_ns, known.complete_ns)
    deadline_ns = from_ns + bound_ns
    waiting = [x for x in answers.working if x.begin_ns > deadline_ns]
    late = waiting or (answers.read_begins and answers.read_begins[-1] > deadline_ns)
    exposures = int(bool(late or answers.terminals))
    if not late:
        return exposures, ()
    open_reads = [x for x in answers.states if x.state not in TERMINAL and x.begin_ns > deadline_ns]
    missing = [x for x in answers.missing if x.begin_ns > deadline_ns and ctx.remembered(order, x)]
    wrong = sorted(open_reads + missing + waiting, key=lambda x: x.begin_ns)
    if ctx.promises.later_edges:
        # A declared edge may lead out of a terminal state again (FAILED -> PROCESSING); the order did converge.
        done = [x for x in answers.states if x.state in TERMINAL]
        wrong = [
            x for x in wrong if not any(t.begin_ns < x.begin_ns and ctx.edges.declared(t.state, x.state) for t in done)
        ]
    if not wrong:
        return exposures, ()
    worst = wrong[-1]
    stale_ns = worst.begin_ns - from_ns
    since = "the faults were healed" if from_ns == healed_ns else first_word(known)
    text = (
        f"{request(worst)} began {duration(stale_ns)} after {since} and was answered {answer(worst)}; the "
        "contract promises a terminal "
        f"status within {duration(bound_ns)}"
    )
    return exposures, [
        finding(ID, order, Result.VIOLATED, text, [known, worst], staleness_ns=stale_ns)
    ]  # fmt: skip


def _unless(promises: Promises) -> str:
    return "" if promises.settles_within_ns is not None else "the contract promises no time within which orders settle"


GUARANTEE = Guarantee(
    ID,
    "After the faults are healed, every acknowledged order settles",
    "Once all faults are healed, every order that was acknowledged, or whose number was called DUPLICATE or "
    "IN_PROGRESS, MUST show a terminal state within the promised time.",
    "An order that hangs for ever binds the money, and every rule that a merchant has for giving up on "
    "it can pay twice.",
    judge,
    _unless,
    depends_on="settles_within",
)

"""Judges that every order that the provider said that it has reaches a terminal status within the promised time after
all faults are healed.
"""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.operation import Observation
from ..core.payment_state import TERMINAL
from ..core.promises import Promises
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .wording import answer, duration, first_word, request

ID = "faults-healed-orders-converge"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    bound_ns, healed_ns, known = ctx.promises.settles_within_ns, ctx.healed_ns, order.known
    if bound_ns is None or healed_ns is None or known is None or known.complete_ns is None or ctx.held_open(order):
        return NOTHING
    answers = order.answers
    from_ns = max(healed_ns, known.complete_ns)
    deadline_ns = from_ns + bound_ns
    waiting = [x for x in answers.working if x.begin_ns > deadline_ns]
    late = waiting or (answers.read_begins and answers.read_begins[-1] > deadline_ns)
    exposures = int(bool(late or answers.terminals))
    if not late:
        return (None if answers.terminals else _put_off(order, from_ns, deadline_ns)) or (exposures, ())
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
    since = _HEALED if from_ns == healed_ns else first_word(known)
    text = (
        f"{request(worst)} began {duration(stale_ns)} after {since} and was answered {answer(worst)}; the "
        "contract promises a terminal "
        f"status within {duration(bound_ns)}"
    )
    return exposures, [
        finding(ID, order, Result.VIOLATED, text, [known, worst], staleness_ns=stale_ns)
    ]  # fmt: skip


def _put_off(order: OrderHistory, from_ns: int, deadline_ns: int) -> Judgement | None:
    """Judge an order without an end whose queries all met transient errors; ``None`` if its outcome was told, or may
    have been.

    An error is for ever if every query from healing until after the time got one, two at least. One that asks for a
    slower pace (429) is an answer to how often is asked, and not about the order.
    """
    if any(x.state in TERMINAL for x in order.callbacks):
        return None
    asked = [x for x in order.queries if x.begin_ns > from_ns and not x.copy and x.complete_ns is not None]
    if len(asked) < 2 or asked[-1].begin_ns <= deadline_ns:
        return None
    if any(x.observation is not Observation.RETRYABLE or x.detail.startswith(_SLOWER) for x in asked):
        return None
    last = asked[-1]
    stale_ns = last.begin_ns - from_ns
    text = (
        f"all {len(asked)} queries after {_HEALED} met errors, the last, {request(last)}, after {duration(stale_ns)} "
        f"with {answer(last)}, and nothing ever told what became of the order; the contract promises a terminal status "
        f"within {duration(deadline_ns - from_ns)}"
    )
    return 1, [finding(ID, order, Result.VIOLATED, text, [asked[0], last], staleness_ns=stale_ns)]


_HEALED = "the faults were healed"
_SLOWER = "429"


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
    exposure="An order that the provider had taken and that was seen to end, or was asked for later than the "
    "promised time after healing.",
)

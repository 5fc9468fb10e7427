"""A brute-force oracle for the guarantees about money and about what is shown, for small histories.

It knows nothing of floors, sets of identifiers or early returns. The model is a world in which every submit took effect
or did not, as far as its answer allows either, and in which a payout was posted at some instant. A history is right if
some world explains it; the oracle tries all of them.

What is asked of each guarantee:

- a payout as ordered: a world in which an effective submit of that account has the payout's amount and currency;
- a refusal that was paid: no world in which any submit of the owner took effect;
- a number that nobody submitted: no submit at all, by anybody;
- a success that was not paid: an instant of posting, within the promised time, that the last reading could not see yet;
- what is shown: a payload, sent by then, that has all that is shown; an identifier that some answer to a submit gave.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import chain, combinations

from ackord.core.clock import MS
from ackord.core.event import Begin, CallbackReceived, Movement
from ackord.core.history import Exchange, OrderHistory
from ackord.core.operation import Observation, OperationKind
from ackord.core.payment_state import MONEY_MOVED, NO_MONEY, RANK, LaterEdge, PaymentState
from ackord.core.promises import Promises, SamePayloadAnswer
from ackord.guarantees import GUARANTEES, JudgeContext

from .build import OURS, Order, history, order
from .oracle import Comparison

MONEY_GUARANTEES = (
    "succeeded-order-paid",
    "payout-as-ordered",
    "refused-order-not-paid",
    "unordered-number-not-paid",
    "order-shown-as-submitted",
    "provider-id-stable",
    "cancelled-order-not-paid",
    "refund-moves-money-once",
    "refund-not-over-amount",
    "acknowledged-refund-paid",
)
THEIRS = "theirs"

_S = PaymentState
_O = Observation
_HALF = MS // 2
_WRITES = (OperationKind.SUBMIT, OperationKind.RESUBMIT)
_OPEN = {None, _O.ACK, _O.STATUS, _O.RETRYABLE, _O.UNREADABLE}
"""Answers after which a submit may have taken effect, unless they are definite."""


def random_money_case(seed: int) -> tuple[Order, Promises, float | None]:
    """A small history with money, refusals, identifiers and callbacks; its promises; when the faults were healed."""
    r = random.Random(seed)
    one = order("A")
    wrong = r.random() < 0.5
    """Half of the histories are of a provider that does wrong now and then; the others show that it is believed."""

    def odd(right: object, *others: object) -> object:
        return r.choice(others) if wrong and r.random() < 0.25 else right

    unseen = r.choice([None, 0]) if r.random() < 0.08 else 100
    """What is known of the amounts that were sent."""
    for n in range(r.choice([0, 1, 1, 1, 2, 3])):
        begin = r.randrange(8)
        theirs, altered = r.random() < 0.12, r.random() < 0.25
        answer = r.choice(
            ["ACK", "ACK", "ACK", "REJECTED", "REJECTED", "CONFLICT", "DUPLICATE", "RETRYABLE", "IN_PROGRESS"]
        )
        sent = unseen if unseen != 100 else 900 if altered else 100
        (one.resubmit if n else one.submit)(
            begin, _end(r, begin), answer,
            state=r.choice(["UNKNOWN", "RECEIVED", "SUCCEEDED", "FAILED"]) if answer == "ACK" else "UNKNOWN",
            payload="p2" if altered else "p1", sent=sent, account=THEIRS if theirs else OURS,
            definite=r.choice([None, None, None, True, False]) if answer in ("REJECTED", "RETRYABLE", "CONFLICT") else None,
            id=r.choice([None, "a", odd("a", "b")]), amount=r.choice([None, odd(sent, 10)]),
        )  # fmt: skip
    cancels = r.random() < 0.3
    for begin in sorted(r.sample(range(10), r.choice([1, 1, 2]))) if cancels else ():
        answer = r.choice(["ACK", "ACK", "REJECTED"])
        said = r.choice(["UNKNOWN", "CANCELLED", "CANCELLED", "PROCESSING"]) if answer == "ACK" else "UNKNOWN"
        one.cancel(begin, _end(r, begin), answer, state=said)
    refunds = _random_refunds(r, one) if r.random() < 0.4 else []
    mood = r.choice(
        [["SUCCEEDED"], ["SUCCEEDED", "RETURNED"], ["FAILED"], ["DECLINED", "CANCELLED"], ["SUCCEEDED", "FAILED"]]
    )
    for _ in range(r.randrange(4)):
        begin = r.randint(0, 14)
        state = r.choice([*mood, *mood, "PROCESSING", "NOT_FOUND"])
        shown = {} if state == "NOT_FOUND" else {
            "id": r.choice([None, odd("a", "b", "c")]), "amount": r.choice([None, odd(100, 900, 10)]),
            "currency": r.choice([None, odd("EUR", "USD")]), "payee": r.choice([None, odd("payee", "somebody")]),
        }  # fmt: skip
        one.query(begin, _end(r, begin), state, **shown)
    for _ in range(r.choice([0, 0, 1, 2])):
        one.called(
            r.randint(4, 20), r.choice(mood), account=r.choice([OURS, OURS, THEIRS, ""]),
            provider_id=r.choice([None, odd("a", "b")]), amount_minor=r.choice([None, odd(100, 900, 10)]),
        )  # fmt: skip
    for at in r.choice([(), (30,), (30,), (24, 32)]):
        for _ in range(r.choice([0, 1, 1, 1, 2])):
            one.pays(
                at, odd(100, 900, 1000), id=r.choice("mno"), account=odd(OURS, THEIRS, ""),
                kind=r.choice(["payout", "payout", "payout", "return"]), currency=r.choice(["", odd("EUR", "USD")]),
            )  # fmt: skip
        for number, minor in refunds:
            for _ in range(odd(1, 0, 2)):
                one.gives_back(
                    at, odd(minor, 900, 30), no=r.choice([number, "", odd(number, "R9")]), account=odd(OURS, THEIRS, ""),
                    id=r.choice("xyzuvw"),
                )  # fmt: skip
        one.ledger_read(at, of=r.choice(["", "", "A"]))
    if not any(isinstance(event, Begin | Movement) for event in one.events):
        one.pays(30).ledger_read(30)
    edges = [
        LaterEdge(_S.SUCCEEDED, _S.RETURNED),
        LaterEdge(_S.SUCCEEDED, _S.FAILED),
        LaterEdge(_S.FAILED, _S.PROCESSING),
        LaterEdge(_S.SUCCEEDED, _S.CANCELLED),
    ]
    promises = Promises(
        posts_within_ns=r.choice([None, 0, 10 * MS, 20 * MS]),
        settles_within_ns=r.choice([None, 12 * MS]),
        later_edges=tuple(r.sample(edges, r.choice([0, 0, 1, 2]))),
        ledger_shows_returns=r.random() < 0.8,
        on_same_payload=r.choice([SamePayloadAnswer.REPLAY_CURRENT] * 5 + [SamePayloadAnswer.NEW_MOVEMENT]),
        cancels=True,
        refunds=True,
        refund_kind="refund",
        unknown=frozenset(r.sample(["settles_within"], r.randrange(2))),
    )  # fmt: skip
    return one, promises, r.choice([None, 5, 15])


def _random_refunds(r: random.Random, one: Order) -> list[tuple[str, int]]:
    """Ask for money back once or a few times; return the refunds that a provider may make."""
    made = []
    for number in r.sample(["R1", "R2", "R3"], r.choice([1, 1, 2, 3])):
        minor = r.choice([30, 30, 60, 100, 200])
        for _ in range(r.choice([1, 1, 2])):
            begin = r.randint(2, 16)
            sent = 60 if r.random() < 0.05 else minor
            answer = r.choice(["ACK", "ACK", "ACK", "REJECTED", "RETRYABLE", "NOT_FOUND"])
            said = (
                r.choice(["UNKNOWN", "UNKNOWN", "SUCCEEDED", "PROCESSING", "FAILED"]) if answer == "ACK" else "UNKNOWN"
            )
            one.refund(begin, _end(r, begin), answer, no=number, sent=sent, state=said)
        made.append((number, minor))
    return made


def _end(r: random.Random, begin: int) -> int | None:
    return None if r.random() < 0.12 else begin + r.choice([0, 1, 2, 4])


class Facts:
    """What a history says, in plain lists."""

    def __init__(self, one: OrderHistory) -> None:
        self.everything = sorted([*one.exchanges, *one.foreign], key=lambda x: x.begin_ns)
        writes = [x for x in self.everything if x.kind in _WRITES]
        self.owner = writes[0].account if writes else self.everything[0].account if self.everything else ""
        self.writes = writes
        self.own = [x for x in writes if x.account == self.owner]
        self.strangers = any(x.account != self.owner for x in writes)
        self.callbacks = [
            c for c in one.callbacks if c.account == self.owner or (c.account == "" and not self.strangers)
        ]
        self.began = None if one.ledger_began_ns is None else one.ledger_began_ns // _HALF
        rows = [m for m in one.movements if self.began is None or m.at_ns // _HALF >= self.began]
        self.payouts = _each_once(rows, "payout")
        self.returns = _each_once(rows, "return")
        self.refunds = [m for m in _each_once(rows, "refund") if m.account in (self.owner, "")]
        self.ever_paid = any(m.kind == "payout" for m in one.movements)
        self.shown = [
            x
            for x in self.everything
            if x.account == self.owner and x.complete_ns is not None and RANK[x.state] >= 1 and self._tells(x)
        ]

    def _tells(self, x: Exchange) -> bool:
        if x.kind is OperationKind.QUERY:
            return x.observation is _O.STATUS
        if x.kind is OperationKind.CANCEL:
            return x.observation in (_O.ACK, _O.STATUS)
        return x.kind in _WRITES and x.observation in (_O.ACK, _O.STATUS) and x.fingerprint == self.own[0].fingerprint

    def acknowledgements(self) -> list[Exchange]:
        """Acknowledgements of the first payload."""
        return [x for x in self.own if x.observation is _O.ACK and x.fingerprint == self.own[0].fingerprint]

    def cancels(self, x: Exchange) -> bool:
        """Whether the owner cancels by this."""
        return x.kind is OperationKind.CANCEL and x.account == self.owner

    def all_came_back(self) -> bool:
        """Whether some choice of payouts was returned, and refunds make up for all others."""
        paid = [m.amount_minor for m in self.payouts if m.account in (self.owner, "")]
        returned = sum(m.account in (self.owner, "") for m in self.returns)
        back = sum(m.amount_minor for m in self.refunds)
        choices = combinations(range(len(paid)), min(returned, len(paid)))
        return any(sum(minor for at, minor in enumerate(paid) if at not in gone) <= back for gone in choices)

    def worlds(self, account: str) -> Iterator[Sequence[Exchange]]:
        """Every set of the account's submits that may be the ones that took effect."""
        who = account or self.owner
        open_ones = [x for x in self.writes if x.account == who and x.observation in _OPEN and not x.definite]
        return chain.from_iterable(combinations(open_ones, n) for n in range(len(open_ones) + 1))


def _each_once(rows: Sequence[Movement], kind: str) -> list[Movement]:
    return list({m.movement_id: m for m in rows if m.kind == kind}.values())


def money_verdicts(one: OrderHistory, promises: Promises, healed: float | None) -> dict[str, str]:
    """Per guarantee: ``ok``, ``UNSAFE`` or ``VIOLATED``."""
    facts = Facts(one)
    return {
        "succeeded-order-paid": _succeeded(facts, promises, healed),
        "payout-as-ordered": _as_ordered(facts),
        "refused-order-not-paid": _refused(facts, promises),
        "unordered-number-not-paid": "VIOLATED" if facts.payouts and not facts.writes else "ok",
        "order-shown-as-submitted": _as_submitted(facts),
        "provider-id-stable": _same_identifier(facts, promises),
        "cancelled-order-not-paid": _cancelled(facts, promises),
        **refund_verdicts(facts, promises, healed),
    }


def _leads(promises: Promises, source: PaymentState, targets: Sequence[PaymentState]) -> bool:
    """Whether declared edges, and advances from states that are not terminal, lead from one to another."""
    hops = {(e.source, e.target) for e in promises.later_edges}
    reached, todo = set(), [source]
    while todo:
        here = todo.pop()
        for there in _S:
            by_itself = here in (_S.RECEIVED, _S.PROCESSING) and RANK[there] > RANK[here]
            if there not in reached and ((here, there) in hops or by_itself):
                reached.add(there)
                todo.append(there)
    return bool(hops) and not reached.isdisjoint(targets)


def _succeeded(facts: Facts, promises: Promises, healed: float | None) -> str:
    states = {x.state for x in facts.shown}
    if facts.began is None or _S.SUCCEEDED not in states or states & NO_MONEY or _S.RETURNED in states or facts.payouts:
        return "ok"
    if not promises.ledger_shows_returns and _leads(promises, _S.SUCCEEDED, (_S.RETURNED, _S.FAILED, _S.CANCELLED)):
        return "ok"
    within_ns = promises.posts_within_ns
    promised = within_ns is not None
    if within_ns is None:
        within_ns = promises.settles_within_ns or 0
        promised = promises.settles_within_ns is not None and "settles_within" not in promises.unknown
    shown = min(x.complete_ns // _HALF for x in facts.shown if x.state is _S.SUCCEEDED and x.complete_ns is not None)
    latest = max(shown, round((healed or 0) * MS) // _HALF) + within_ns // _HALF
    if any(posted >= facts.began for posted in range(latest + 1)):
        return "ok"
    return "VIOLATED" if promised else "UNSAFE"


def _as_ordered(facts: Facts) -> str:
    for m in facts.payouts:
        who = m.account or facts.owner
        ordered = [x for x in facts.writes if x.account == who]
        worlds = [world for world in facts.worlds(m.account) if world]
        if not ordered:
            if facts.own and m.account:
                return "VIOLATED"
            continue
        if not worlds or sum(other.account == m.account for other in facts.payouts) > 1:
            continue
        if any(x.sent_amount_minor in (None, 0) for world in worlds for x in world):
            continue
        if not any(
            x.sent_amount_minor == m.amount_minor and (not m.currency or x.sent_currency in (m.currency, ""))
            for world in worlds
            for x in world
        ):
            return "VIOLATED"
    return "ok"


def _refused(facts: Facts, promises: Promises) -> str:
    if facts.began is None or not facts.own:
        return "ok"
    failing = [x for x in facts.shown if x.state in NO_MONEY]
    last: Exchange | None
    if failing:
        last = max(failing, key=lambda x: x.begin_ns)
        last = next(x for x in reversed(failing) if x.begin_ns == last.begin_ns)
        moved = any(x.state in MONEY_MOVED for x in facts.shown)
        goes_on = any(x.begin_ns > (last.complete_ns or 0) for x in facts.shown)
        edge = _leads(promises, _S.SUCCEEDED, (last.state,)) or _leads(promises, last.state, (_S.SUCCEEDED,))
        other = any(x.fingerprint != facts.own[0].fingerprint for world in facts.worlds("") for x in world)
        if moved or goes_on or edge or other:
            return "ok"
    else:
        last = next((x for x in facts.own if x.definite), None)
        if last is None or any(world for world in facts.worlds("")):
            return "ok"
    if last.complete_ns is None or facts.began <= last.complete_ns // _HALF:
        return "ok"
    cancels = [x for x in facts.everything if facts.cancels(x)]
    if last.state is _S.CANCELLED and any(x.begin_ns <= (last.complete_ns or 0) for x in cancels):
        return "ok"  # the other guarantee judges what the merchant cancelled
    if facts.all_came_back():
        return "ok"
    acks = [x.complete_ns for x in facts.acknowledgements() if x.complete_ns is not None]
    told_after = bool(acks) and last.begin_ns > min(acks)
    # The other guarantee judges a failure that an acknowledged order was told.
    return "ok" if told_after else "VIOLATED"


def _explained(x: Exchange, shown: Exchange | CallbackReceived) -> bool:
    pairs = (
        (shown.amount_minor, x.sent_amount_minor),
        (shown.currency, x.sent_currency),
        (shown.payee, x.sent_payee),
    )
    return all(said is None or not sent or said == sent for said, sent in pairs)


def _as_submitted(facts: Facts) -> str:
    if not facts.own:
        return "ok"
    looks: list[tuple[int, Exchange | CallbackReceived]] = [
        (x.complete_ns, x)
        for x in facts.everything
        if x.account == facts.owner and x.observation in (_O.STATUS, _O.ACK) and x.complete_ns is not None
        if x.kind is not OperationKind.REFUND
    ]
    looks += [(c.at_ns, c) for c in facts.callbacks]
    for at_ns, look in looks:
        if isinstance(look, Exchange) and at_ns < facts.own[0].begin_ns:
            continue
        sent_by_then = [facts.own[0], *(x for x in facts.own if x.begin_ns <= at_ns)]
        if not any(_explained(x, look) for x in sent_by_then):
            return "VIOLATED"
    return "ok"


def _same_identifier(facts: Facts, promises: Promises) -> str:
    if not facts.own or (len(facts.own) > 1 and promises.on_same_payload is SamePayloadAnswer.NEW_MOVEMENT):
        return "ok"
    given = {x.provider_id for x in facts.own if x.provider_id is not None}
    told = [
        (x.begin_ns, x.provider_id)
        for x in facts.shown
        if x.kind is OperationKind.QUERY and x.provider_id is not None and (x.complete_ns or 0) >= facts.own[0].begin_ns
    ]
    if not given:
        given = {told[0][1]} if told else set()
    if not given:
        return "ok"
    called = [c.provider_id for c in facts.callbacks if c.provider_id is not None]
    return "ok" if {provider_id for _, provider_id in told} | set(called) <= given else "VIOLATED"


def _cancelled(facts: Facts, promises: Promises) -> str:
    cancels = [x for x in facts.everything if facts.cancels(x)]
    if facts.began is None or not cancels or not facts.own:
        return "ok"
    if _leads(promises, _S.SUCCEEDED, (_S.CANCELLED,)) or _leads(promises, _S.CANCELLED, (_S.SUCCEEDED,)):
        return "ok"
    if any(x.fingerprint != facts.own[0].fingerprint for world in facts.worlds("") for x in world):
        return "ok"
    if promises.on_same_payload is SamePayloadAnswer.NEW_MOVEMENT and len(facts.own) > 1:
        return "ok"
    said = [x for x in facts.shown if x.state is _S.CANCELLED]
    ends = [x.complete_ns or 0 for x in said if facts.cancels(x)]
    if not ends and said and not any(x.state in MONEY_MOVED for x in facts.shown):
        last = max(x.begin_ns for x in said)
        end = next(x.complete_ns or 0 for x in reversed(said) if x.begin_ns == last)
        if end >= cancels[0].begin_ns and not any(x.begin_ns > end for x in facts.shown):
            ends = [end]
    before = bool(ends) and min(ends) // _HALF < facts.began
    return "VIOLATED" if before and not facts.all_came_back() else "ok"


# Refunds. The model: each refund, which is a number and all that was sent under it, was made once, for one of the
# amounts that were sent, or not at all; movements are what was made, in any order.


def _made(facts: Facts, refunds: Sequence[Sequence[Exchange]], movements: Sequence[Movement]) -> bool:
    """Whether refunds were made so that each of the movements is one of them."""
    if not movements:
        return True
    first, *rest = movements
    for at, sent in enumerate(refunds):
        amounts = {x.sent_amount_minor for x in sent}
        fits = first.amount_minor in amounts and first.refund_no in ("", sent[0].refund_no)
        if fits and _made(facts, [*refunds[:at], *refunds[at + 1 :]], rest):
            return True
    return False


def refund_verdicts(facts: Facts, promises: Promises, healed: float | None) -> dict[str, str]:
    """The verdicts about refunds."""
    sent: dict[str, list[Exchange]] = {}
    for x in facts.everything:
        if x.kind is OperationKind.REFUND and x.account == facts.owner:
            sent.setdefault(x.refund_no, []).append(x)
    verdicts = dict.fromkeys(MONEY_GUARANTEES[-3:], "ok")
    if not sent or facts.began is None:
        return verdicts
    open_answers = (*_OPEN, _O.NOT_FOUND)
    possible = [xs for xs in sent.values() if any(x.observation in open_answers and not x.definite for x in xs)]
    if not _made(facts, possible, facts.refunds):
        verdicts["refund-moves-money-once"] = "VIOLATED"
    if sum(m.amount_minor for m in facts.refunds) > _most_paid(facts):
        verdicts["refund-not-over-amount"] = "VIOLATED"
    verdicts["acknowledged-refund-paid"] = _refunds_due(facts, promises, healed, list(sent.values()))
    return verdicts


def _most_paid(facts: Facts) -> float:
    paid = sum(m.amount_minor for m in facts.payouts if m.account in (facts.owner, ""))
    if not facts.ever_paid and not any(x.state in MONEY_MOVED for x in facts.shown):
        return paid
    ordered = [x.sent_amount_minor for x in facts.own]
    if any(not minor for minor in ordered):
        return paid or float("inf")
    return max([paid, *(minor for minor in ordered if minor is not None)])


def _refunds_due(facts: Facts, promises: Promises, healed: float | None, sent: list[list[Exchange]]) -> str:
    within_ns, promised = promises.posts_within_ns, promises.posts_within_ns is not None
    if within_ns is None:
        within_ns = promises.settles_within_ns or 0
        promised = promises.settles_within_ns is not None and "settles_within" not in promises.unknown
    accepted = []
    for xs in sent:
        acks = [x for x in xs if x.observation is _O.ACK and x.complete_ns is not None and x.state not in NO_MONEY]
        if acks:
            ack = min(acks, key=lambda x: x.complete_ns or 0)
            accepted.append((ack.complete_ns or 0, ack.state, xs))
    accepted.sort(key=lambda each: each[0])
    healed_ns = round((healed or 0) * MS)
    worst, kept = "ok", []
    for acked_ns, state, xs in accepted:
        if _all_made([*kept, xs], facts.refunds):
            kept.append(xs)
        elif facts.began is not None and facts.began > (max(acked_ns, healed_ns) + within_ns) // _HALF:
            sure = promised and state not in (_S.RECEIVED, _S.PROCESSING)
            worst = "VIOLATED" if sure or worst == "VIOLATED" else "UNSAFE"
    return worst


def _all_made(refunds: Sequence[Sequence[Exchange]], movements: Sequence[Movement]) -> bool:
    """Whether each of the refunds is another one of the movements."""
    if not refunds:
        return True
    first, *rest = refunds
    amounts = {x.sent_amount_minor for x in first}
    return any(
        m.amount_minor in amounts
        and m.refund_no in ("", first[0].refund_no)
        and _all_made(rest, [*movements[:at], *movements[at + 1 :]])
        for at, m in enumerate(movements)
    )


def compare_money(histories: int, seed: int = 1) -> Comparison:
    """Judge and brute force on that many random histories."""
    comparison = Comparison(histories)
    for i in range(seed * 10_000_000, seed * 10_000_000 + histories):
        case, promises, healed = random_money_case(i)
        one = history(case, promises=promises).orders[0]
        expected = money_verdicts(one, promises, healed)
        context = JudgeContext(promises, healed_ns=None if healed is None else round(healed * MS))
        for name in MONEY_GUARANTEES:
            _, findings = GUARANTEES.get(name).judge(one, context)
            got = findings[0].result.value if findings else "ok"
            counts = comparison.seen.setdefault(name, {})
            counts[expected[name]] = counts.get(expected[name], 0) + 1
            if got != expected[name]:
                comparison.disagreements.append(f"seed {i}: {name}: brute force {expected[name]}, judge {got}")
    return comparison

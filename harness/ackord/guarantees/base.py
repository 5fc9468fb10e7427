"""Defines a guarantee: an id, the clause that a report cites, and a pure function of one order's history.

``judge`` returns the order's number of *exposures* (occasions on which the guarantee could have been broken) and at
most one finding, the worst. Intervals are closed: an exchange comes after another one only if it began *strictly after*
the other was complete. An exchange without an answer proves nothing. A state ``UNKNOWN`` neither raises the known rank
nor breaks anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ..core.event import Movement
from ..core.history import Exchange, OrderHistory
from ..core.payment_state import PaymentState
from ..core.promises import Promises, SamePayloadAnswer
from ..core.registry import Registry
from ..core.sandbox_trigger import TriggerPromise, trigger_named
from ..core.verdict import Finding, Result
from .edges import LaterEdges

__all__ = [
    "ENTRY_POINT_GROUP",
    "GUARANTEES",
    "NOTHING",
    "Guarantee",
    "JudgeContext",
    "Judgement",
    "PartialContext",
    "finding",
    "known_id",
    "load_guarantee_plugins",
    "payouts_of_original",
    "severity",
    "truly_failed",
    "unsafe_if_declared",
    "worst_of",
]

ENTRY_POINT_GROUP = "ackord.guarantees"
"""The entry point group in which packages register a ``Guarantee``."""

Judgement = tuple[int, Sequence[Finding]]
"""Exposures, findings."""

NOTHING: Judgement = (0, ())


class JudgeContext:
    """The facts that a guarantee may use besides the order: the promises, and a few instants of the run."""

    __slots__ = (
        "_clock_moves",
        "asked_in_vain",
        "complete",
        "edges",
        "end_ns",
        "exposure_window_ns",
        "first_op",
        "first_words",
        "healed_ns",
        "promises",
    )

    def __init__(
        self,
        promises: Promises,
        *,
        exposure_window_ns: int | None = None,
        healed_ns: int | None = None,
        end_ns: int = 0,
        complete: bool = True,
        first_words: frozenset[str] = frozenset(),
        first_op: Mapping[str, int] = MappingProxyType({}),
        clock_moves: Sequence[tuple[int, int | None]] = (),
    ) -> None:
        """``clock_moves``: when faults moved the provider's clock; ``None``: to the end."""
        self.promises = promises
        self.exposure_window_ns = exposure_window_ns
        """A read exposes visibility if it began this soon after the acknowledgement; ``None``: at any time."""
        self.healed_ns = healed_ns
        """When the last fault was taken back; ``None``: never."""
        self.end_ns = end_ns
        """The instant of the last event of the run."""
        self.complete = complete
        """False when the journal was cut off."""
        self.first_words = first_words
        """What first attempts of the run were told that were not accepted; ``judge`` collects them."""
        self.first_op = first_op
        """By the provider's identifier: the submit that was given it first. Collected where keys of unusual forms were
        sent, and empty otherwise.
        """
        self.edges = LaterEdges(promises.later_edges)
        self._clock_moves = clock_moves
        self.asked_in_vain = False
        """Whether a guarantee asked for what is not known yet; see ``PartialContext``."""

    def clock_was_moved(self, at_ns: int) -> bool:
        """Return whether a fault of the run had moved the provider's clock then."""
        return any(
            from_ns <= at_ns and (until_ns is None or at_ns <= until_ns) for from_ns, until_ns in self._clock_moves
        )

    def trigger_of(self, order: OrderHistory) -> TriggerPromise | None:
        """Return the sandbox's trigger that the order's first submit pulled."""
        return trigger_named(self.promises.triggers, order.submits[0].variation) if order.submits else None

    def held_open(self, order: OrderHistory) -> bool:
        """Return whether the order pulled a trigger by which the sandbox means it never to end."""
        trigger = self.trigger_of(order) if self.promises.triggers else None
        return trigger is not None and trigger.stays_open

    def remembered(self, order: OrderHistory, exchange: Exchange) -> bool:
        """Return whether the number must still have been known when ``exchange`` was answered.

        The number's age is counted from the begin of its first submit to the completion of this answer, which is its
        upper bound.
        """
        retention_ns = self.promises.key_retention_ns
        if retention_ns is None or exchange.complete_ns is None or not order.submits:
            return True
        return exchange.complete_ns - order.submits[0].begin_ns <= retention_ns


class PartialContext(JudgeContext):
    """What is known of a run before all of its orders were read. Whoever asks for what all orders tell together is
    given nothing, and that he asked is noted: his judgement does not count.
    """

    __slots__ = ()

    @property
    def first_words(self) -> frozenset[str]:
        self.asked_in_vain = True
        return frozenset()

    @first_words.setter
    def first_words(self, _: frozenset[str]) -> None: ...

    @property
    def first_op(self) -> Mapping[str, int]:
        self.asked_in_vain = True
        return MappingProxyType({})

    @first_op.setter
    def first_op(self, _: Mapping[str, int]) -> None: ...


def _always(_: Promises) -> str:
    return ""


def _on_nothing_else(_: OrderHistory, __: Finding) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Guarantee:
    """One guarantee. The module's docstring says what ``judge`` must obey."""

    id: str
    title: str
    """One line for people."""
    clause: str
    """The normative sentence (RFC 2119 words) that a report cites."""
    why: str
    """What goes wrong for a merchant when it is broken."""
    judge: Callable[[OrderHistory, JudgeContext], Judgement]
    not_applicable: Callable[[Promises], str] = _always
    """Returns why the guarantee does not apply to a contract; empty when it does."""
    depends_on: str = ""
    """The promise that it is judged by, if any. If the documentation leaves that promise open, the worst result is
    UNSAFE, not VIOLATED.
    """
    rests_on_it: Callable[[OrderHistory, Finding], bool] = _on_nothing_else
    """Returns whether a finding rests on that promise; one that does not is VIOLATED whatever is documented."""
    needs_ledger: bool = False
    """Whether it is inconclusive without a ledger that was read to its end."""
    needs_statement: bool = False
    """Whether it is judged by readings of the statement."""
    exposure: str = ""
    """What counts as one occasion on which it could have been broken, in a sentence."""
    place: str = ""
    """The place of a contract that it is about, such as ``query``; empty: the promise that it depends on."""
    waivable: bool = True
    """Whether a violation may be accepted for a time; no contract and no baseline can waive that money moved twice."""

    def __reduce__(self) -> tuple[object, ...]:
        """Go to another process by name: what is registered here is registered there."""
        return _registered, (self.id,)

    @property
    def contract_place(self) -> str:
        """Return the place of a contract that it is about, in dots; empty: the contract as a whole."""
        return self.place or (f"promises.{self.depends_on}" if self.depends_on else "")


def _registered(name: str) -> Guarantee:
    return GUARANTEES.get(name)


GUARANTEES: Registry[Guarantee] = Registry("guarantee")


def load_guarantee_plugins() -> None:
    """Register the guarantees of other packages, once. Raises ``UsageError`` for one that cannot be registered."""
    GUARANTEES.load_outsiders(ENTRY_POINT_GROUP, Guarantee, lambda guarantee: guarantee.id)


def finding(
    guarantee: str,
    order: OrderHistory,
    result: Result,
    summary: str,
    proof: Iterable[Exchange],
    *,
    at_ns: int | None = None,
    staleness_ns: int | None = None,
    movements: Iterable[str] = (),
    safe_policies: tuple[str, ...] = (),
) -> Finding:
    """Return a finding whose evidence is ``proof``, the offending exchange last. ``at_ns`` defaults
    to its completion.
    """
    exchanges = list(proof)
    if at_ns is None:
        last = exchanges[-1]
        at_ns = last.complete_ns if last.complete_ns is not None else last.begin_ns
    return Finding(
        guarantee,
        order.number,
        order.account,
        result,
        summary,
        at_ns,
        staleness_ns,
        tuple((x.op, x.copy) for x in exchanges),
        tuple(movements),
        safe_policies if result is Result.UNSAFE else (),
    )


def worst_of(findings: list[Finding]) -> Sequence[Finding]:
    """Return the worst of one order's findings: violated before unsafe, then the stalest, then the first."""
    if len(findings) < 2:
        return findings
    return [min(findings, key=severity)]


def severity(found: Finding) -> tuple[bool, bool, int, int]:
    """Return the sort key that puts the worst first, and what follows from other findings last of its kind."""
    return (found.result is not Result.VIOLATED, bool(found.follows_from), -(found.staleness_ns or 0), found.at_ns)


def known_id(order: OrderHistory) -> str | None:
    """Return the provider's id of the order from the first acknowledgement that has one."""
    return next((x.provider_id for x in order.acks if x.provider_id is not None), None)


def payouts_of_original(order: OrderHistory) -> list[Movement]:
    """Return the payouts that the original payload can have caused.

    Left out are those with the amount of another payload that was sent under the number, unless the original has the
    same amount. What an altered payload moves is judged by ``conflicting-resubmission-refused`` and by the ledger.
    """
    payouts = order.payouts
    if len(payouts) < 2:
        return payouts
    own = {x.sent_amount_minor for x in order.submits if x.fingerprint == order.fingerprint}
    others = {x.sent_amount_minor for x in order.submits if x.fingerprint != order.fingerprint} - own
    return [m for m in payouts if m.amount_minor not in others]


def truly_failed(order: OrderHistory) -> bool:
    """Return whether some answer says that no money moves and no movement or other answer contradicts it. A refusal may
    then say the same.
    """
    answers = order.answers
    return answers.no_money and PaymentState.SUCCEEDED not in answers.terminals and not order.payouts


def unsafe_if_declared(promises: Promises, *same_bodies: SamePayloadAnswer) -> Result:
    """Return ``UNSAFE`` if the contract declares one of these answers to a resubmission, else ``VIOLATED``."""
    return Result.UNSAFE if promises.on_same_payload in same_bodies else Result.VIOLATED

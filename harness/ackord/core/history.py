"""A history: the events of one run, cut into one history an order.

Orders are independent keys, so everything that judges is a function of one ``OrderHistory``, and judging is near-linear in the number of
events. An order history is cut by the *order number* alone, not by (account, number): what another account was answered about our number
is part of what has to be judged.

Intervals are closed. An exchange that began at the very instant in which another was complete is concurrent with it and proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from .answers import Answers
from .event import Begin, Complete, Event, FaultChange, LedgerRead, Movement, Phase, ReplicationSample
from .operation import Observation, OperationKind, Outcome, Vantage
from .payment_state import PaymentState
from .promises import Promises

__all__ = ["Exchange", "History", "OrderHistory", "RunHeader"]


class Exchange(NamedTuple):
    """One request and its answer, at the judged vantage."""

    op: int
    copy: int
    kind: OperationKind
    account: str
    order: str
    attempt: int
    begin_ns: int
    complete_ns: int | None
    """``None``: no complete answer was seen here, so it is indeterminate."""
    observation: Observation | None
    """``None`` exactly when there was no answer."""
    state: PaymentState
    provider_id: str | None
    amount_minor: int | None
    """The order's amount as the answer states it."""
    sent_amount_minor: int | None
    fingerprint: str
    delivered: bool
    """Whether the merchant got this answer, readable. Always true at the merchant's own vantage if there is an answer."""
    detail: str
    node: str


_begin_of = attrgetter("begin_ns")
_SUBMITS = (OperationKind.SUBMIT, OperationKind.RESUBMIT)


class OrderHistory:
    """All that a run knows of one order number. Lists are sorted by ``begin_ns``."""

    __slots__ = (
        "_acks",
        "_answers",
        "account",
        "cancels",
        "exchanges",
        "fingerprint",
        "foreign",
        "ledger_read_ns",
        "movements",
        "number",
        "queries",
        "submits",
    )

    def __init__(
        self, number: str, exchanges: list[Exchange], movements: list[Movement], ledger_read_ns: int | None
    ) -> None:
        exchanges.sort(key=_begin_of)
        self.number = number
        self.ledger_read_ns = ledger_read_ns
        """When the ledger was read to its end; ``None``: it was not, so no movement proves nothing."""
        first = next((x for x in exchanges if x.kind in _SUBMITS), None) or (exchanges[0] if exchanges else None)
        self.account = account = first.account if first else ""
        """The account that submitted the number first (or queried it, if nobody submitted it)."""
        self.fingerprint = first.fingerprint if first and first.kind in _SUBMITS else ""
        """The payload of the first submit."""
        foreign = [x for x in exchanges if x.account != account]
        if foreign:
            exchanges = [x for x in exchanges if x.account == account]
        self.exchanges = exchanges
        """The owner's exchanges."""
        self.foreign = foreign
        """Other accounts' exchanges about this number."""
        self.submits = [x for x in exchanges if x.kind in _SUBMITS]
        """The owner's submits and resubmits, copies included."""
        self.queries = [x for x in exchanges if x.kind is OperationKind.QUERY]
        self.cancels = [x for x in exchanges if x.kind is OperationKind.CANCEL]
        self.movements = movements
        """Of any account; ``Movement.account`` tells."""
        self._acks: list[Exchange] | None = None
        self._answers: Answers | None = None

    @property
    def acks(self) -> list[Exchange]:
        """Acknowledgements of the original payload, by the instant in which they were complete."""
        if self._acks is None:
            self._acks = sorted(
                (
                    x
                    for x in self.submits
                    if x.observation is Observation.ACK
                    and x.complete_ns is not None
                    and x.fingerprint == self.fingerprint
                ),
                key=lambda x: x.complete_ns or 0,
            )
        return self._acks

    @property
    def acknowledged_ns(self) -> int | None:
        """The instant of the first acknowledgement."""
        acks = self.acks
        return acks[0].complete_ns if acks else None

    @property
    def answers(self) -> Answers:
        """What the owner's answers say of the order's status, gathered on first use."""
        if self._answers is None:
            self._answers = Answers(self.exchanges, self.fingerprint)
        return self._answers

    @property
    def payouts(self) -> list[Movement]:
        """Movements of the owner's money out, each once, however often the ledger was read.

        A ledger that names no account is taken for the owner's: else its movements would be silently ignored.
        """
        if not self.movements:
            return []
        own = (m for m in self.movements if m.kind == "payout" and m.account in (self.account, ""))
        return list({m.movement_id: m for m in own}.values())


@dataclass(frozen=True, slots=True)
class RunHeader:
    """What a journal says of its run before the first event."""

    contract: str
    profile: str
    subject: str
    """``provider``, ``integration`` or ``sandbox``."""
    vantage: Vantage
    """The vantage that is judged."""
    seed: int
    promises: Promises
    exposes: tuple[str, ...] = ()
    """Guarantees that the profile claims it can expose: without an exposure they are INCONCLUSIVE, not NOT_APPLICABLE."""
    requires: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Guarantee -> faults, one of which must have been proven effective; otherwise the guarantee is INCONCLUSIVE."""
    exposure_window_ns: int | None = None
    """A read counts as an exposure of visibility if it began this soon after the acknowledgement; ``None``: at any time."""
    started: str = ""
    """Civil time in UTC, for people."""
    command: str = ""
    """What repeats the run."""
    options: dict[str, Any] = field(default_factory=dict)
    """Everything else that shaped the run: flaw, budget, versions."""

    def to_json(self) -> dict[str, Any]:
        return {
            "contract": self.contract,
            "profile": self.profile,
            "subject": self.subject,
            "vantage": self.vantage,
            "seed": self.seed,
            "promises": self.promises.to_json(),
            "exposes": list(self.exposes),
            "requires": {k: list(v) for k, v in self.requires.items()},
            "exposure_window_ns": self.exposure_window_ns,
            "started": self.started,
            "command": self.command,
            "options": self.options,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> RunHeader:
        """The inverse of ``to_json``. Raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
        return cls(
            **{
                **data,
                "vantage": Vantage(data["vantage"]),
                "promises": Promises.from_json(data["promises"]),
                "exposes": tuple(data["exposes"]),
                "requires": {k: tuple(v) for k, v in data["requires"].items()},
            }
        )


class History:
    """The events of one run and the header that says how to judge them."""

    def __init__(self, header: RunHeader, events: Iterable[Event], *, complete: bool = True) -> None:
        self.header = header
        self.events: list[Event] = events if isinstance(events, list) else list(events)
        self.complete = complete
        """False when the journal has no footer: the run was cut off, and nothing that is absent proves anything."""

    @cached_property
    def orders(self) -> list[OrderHistory]:
        """One history an order number, in the order of their first event. Ledger readings without a number are not orders."""
        return list(self._cut())

    @cached_property
    def faults(self) -> list[FaultChange]:
        return [e for e in self.events if type(e) is FaultChange]

    @cached_property
    def effective_faults(self) -> frozenset[str]:
        """Faults that were proven to have done something: ``effective``, or ``fired`` on an operation."""
        return frozenset(f.fault for f in self.faults if f.change in ("effective", "fired"))

    @cached_property
    def replication(self) -> list[ReplicationSample]:
        return [e for e in self.events if type(e) is ReplicationSample]

    @cached_property
    def phases(self) -> list[Phase]:
        return [e for e in self.events if type(e) is Phase]

    def healed_ns(self) -> int | None:
        """When the last fault was taken back: the start of the phase ``settle``."""
        return next((p.at_ns for p in self.phases if p.name == "settle"), None)

    @cached_property
    def ledger_was_read(self) -> bool:
        """Whether the ledger was read to its end at least once."""
        return any(type(e) is LedgerRead for e in self.events)

    def faults_active(self, at_ns: int, op: int = 0) -> list[FaultChange]:
        """The faults that were armed and not yet healed at ``at_ns``, and those that fired on ``op``."""
        active: dict[str, FaultChange] = {}
        fired = []
        for f in self.faults:
            if f.change == "armed" and f.at_ns <= at_ns:
                active[f.fault] = f
            elif f.change == "healed" and f.at_ns <= at_ns:
                active.pop(f.fault, None)
            elif f.change == "fired" and op and f.op == op:
                fired.append(f)
        return [*active.values(), *fired]

    def _cut(self) -> Iterator[OrderHistory]:
        judged = self.header.vantage
        at_provider = judged is Vantage.PROVIDER
        begins: dict[str, list[Begin]] = {}
        completes: dict[tuple[int, int], Complete] = {}
        readable: set[int] = set()
        movements: dict[str, list[Movement]] = {}
        ledger_read_ns: int | None = None
        unreadable = Observation.UNREADABLE
        for event in self.events:
            kind = type(event)
            if kind is Begin:
                if event.vantage is judged and event.order:  # type: ignore[union-attr]
                    order: str = event.order  # type: ignore[union-attr]
                    if order in begins:
                        begins[order].append(event)  # type: ignore[arg-type]
                    else:
                        begins[order] = [event]  # type: ignore[list-item]
            elif kind is Complete:
                if event.vantage is judged:  # type: ignore[union-attr]
                    completes[event.op, event.copy] = event  # type: ignore[union-attr, assignment]
                if (
                    event.vantage is Vantage.MERCHANT  # type: ignore[union-attr]
                    and event.observation is not None  # type: ignore[union-attr]
                    and event.observation is not unreadable  # type: ignore[union-attr]
                ):
                    readable.add(event.op)  # type: ignore[union-attr]
            elif kind is Movement:
                movements.setdefault(event.order, []).append(event)  # type: ignore[union-attr, arg-type]
            elif kind is LedgerRead:
                ledger_read_ns = event.at_ns
        none = PaymentState.UNKNOWN
        for number, started in begins.items():
            exchanges = []
            for at_ns, _, op, copy, op_kind, account, _, attempt, fingerprint, sent, node in started:
                c = completes.get((op, copy))
                if c is None or c.observation is None:
                    exchanges.append(
                        Exchange(op, copy, op_kind, account, number, attempt, at_ns, None, None, none, None, None,
                                 sent, fingerprint, False, c.detail if c else "no answer", node)
                    )  # fmt: skip
                else:
                    delivered = copy == 0 and op in readable if at_provider else True
                    exchanges.append(
                        Exchange(op, copy, op_kind, account, number, attempt, at_ns, c.at_ns, c.observation, c.state,
                                 c.provider_id, c.amount_minor, sent, fingerprint, delivered, c.detail, node)
                    )  # fmt: skip
            yield OrderHistory(number, exchanges, movements.pop(number, []), ledger_read_ns)
        for number, moved in movements.items():
            yield OrderHistory(number, [], moved, ledger_read_ns)

    def outcome_counts(self) -> dict[tuple[OperationKind, Outcome], int]:
        """How often each kind of operation came out how, at the merchant: the guard against a run in which nothing worked."""
        kinds = {e.op: e.kind for e in self.events if type(e) is Begin and e.vantage is Vantage.MERCHANT}
        counts: dict[tuple[OperationKind, Outcome], int] = {}
        for e in self.events:
            if type(e) is Complete and e.vantage is Vantage.MERCHANT and e.op in kinds:
                key = (kinds[e.op], e.outcome)
                counts[key] = counts.get(key, 0) + 1
        return counts

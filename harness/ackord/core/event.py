"""Defines the events of a run: the lines of a journal, and the only input of a judge.

An operation is two events at each vantage, ``Begin`` and ``Complete``, paired by ``(vantage, op, copy)``. ``op``
numbers the merchant's operations of a run from 1. ``copy`` is 0 for the request itself and 1, 2, ... for copies that a
duplicate-delivery fault made; only the provider's vantage sees these. An operation without a ``Complete`` is
indeterminate. Events are named tuples, because a history of a million events must be built and read in seconds.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from .operation import Observation, OperationKind, Outcome, Vantage
from .payment_state import PaymentState
from .statement_events import StatedLine, StatementPage, StatementRead

__all__ = [
    "Begin",
    "CallbackDelivered",
    "CallbackReceived",
    "ClockAdvance",
    "Complete",
    "Event",
    "FaultChange",
    "LedgerRead",
    "MerchantReport",
    "Movement",
    "OrderIntent",
    "Phase",
    "ReplicationSample",
    "ReportedOutcome",
    "UnknownMovements",
    "event_from_json",
    "event_to_json",
]


class Begin(NamedTuple):
    """An operation began: its first byte left the merchant, or was sent on to the provider."""

    at_ns: int
    vantage: Vantage
    op: int
    copy: int
    kind: OperationKind
    account: str
    order: str
    attempt: int
    fingerprint: str
    """Identity of the payload that was sent: equal for equal payloads, whatever their bytes."""
    amount_minor: int | None
    """The amount that was sent; ``None`` for reads."""
    node: str
    """The provider's node that it was meant for; empty when there is one."""
    currency: str = ""
    """The currency that was sent; empty for reads."""
    payee: str = ""
    """The payee that was sent; empty for reads."""
    refund_no: str = ""
    """The refund's own number; else empty. ``amount_minor`` is then what is to be given back."""
    variation: str = ""
    """How the request differs from the usual one: a ``ByteForm``, a ``KeyVariation``, or ``trigger:NAME``."""


class Complete(NamedTuple):
    """An operation's response was complete at this vantage, or the operation was given up (``outcome`` is INFO)."""

    at_ns: int
    vantage: Vantage
    op: int
    copy: int
    outcome: Outcome
    observation: Observation | None
    """``None`` when there was no answer at all (time-out, reset, refused connection)."""
    state: PaymentState
    provider_id: str | None
    amount_minor: int | None
    """The order's amount as the answer states it."""
    detail: str
    """A few words for people: ``404 ORDER_NOT_FOUND``, ``time-out after 2000 ms``."""
    answer: dict[str, Any] | None
    """The raw answer, redacted and capped: ``{"status": int, "headers": {...}, "body": str, "truncated": bool}``."""
    currency: str | None = None
    """The order's currency as the answer states it."""
    payee: str | None = None
    """The order's payee as the answer states it."""


class FaultChange(NamedTuple):
    """A fault changed: ``armed``, ``began`` or ``ended`` by its schedule, ``fired`` on one operation, proven
    ``effective``, or ``healed``.
    """

    at_ns: int
    fault: str
    change: str
    seam: str
    op: int
    """The operation that it fired on; 0 where it is not about one."""
    detail: dict[str, Any]

    @property
    def activates(self) -> bool | None:
        """Whether this change activated the fault (True) or deactivated it (False); ``None``: neither. Arming does not
        activate a fault that has a schedule.
        """
        if self.change == "armed":
            return None if "schedule" in self.detail else True
        return {"began": True, "ended": False, "healed": False}.get(self.change)


class Phase(NamedTuple):
    """The run entered a phase: ``steady``, ``disturb``, ``heal``, ``settle``, ``done``.

    In a drill ``time-limit`` says that the merchant's command was ended because its time was over.
    """

    at_ns: int
    name: str


class ReplicationSample(NamedTuple):
    """One sample of the write-ahead log positions of primary and standby (bytes), with the result of a probe if there
    was one.
    """

    at_ns: int
    primary_lsn: int
    standby_lsn: int
    probe_lag_ns: int | None
    replica: str = ""
    """The replica that was sampled, if not the standby: ``read-model``."""


class Movement(NamedTuple):
    """One movement of money, as the provider's ledger states it."""

    at_ns: int
    account: str
    order: str
    movement_id: str
    amount_minor: int
    kind: str
    """``payout`` (money left), ``return`` (it came back) or ``refund`` (it was given back on request)."""
    currency: str = ""
    """Empty where the ledger does not show it."""
    refund_no: str = ""
    """The number of the refund that it belongs to; empty where the ledger does not show it, or it is none."""


class LedgerRead(NamedTuple):
    """The ledger was read to its end: what stood in it when the reading began is among the ``Movement`` events.

    A ``problem`` says why the ledger could not be read. Such an event proves nothing.
    """

    at_ns: int
    movements: int
    problem: str = ""
    began_ns: int | None = None
    """When the first request was sent; ``None``: not recorded, so a missing movement proves nothing."""
    order: str = ""
    """The order whose movements were read, where a ledger is read by order; empty: the movements of all."""


class UnknownMovements(NamedTuple):
    """Rows of the ledger's last reading that were left out: nobody knows whose their order numbers are."""

    at_ns: int
    rows: int


class CallbackReceived(NamedTuple):
    """The provider sent a callback about an order. Callbacks may come late, twice and in any order, so nothing is made
    of the instant of their arrival. A query that a callback completes is judged as a query.
    """

    at_ns: int
    order: str
    callback: str
    """The callback's name in the contract."""
    observation: Observation
    state: PaymentState
    detail: str
    account: str = ""
    """Whose order; empty if it could not be seen."""
    provider_id: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    payee: str | None = None
    problem: str = ""
    """Why it is not genuine; empty: it is, or callbacks are not signed."""


class CallbackDelivered(NamedTuple):
    """A callback was passed on to the merchant of a drill, by the callback edge: both ends' instants of it."""

    at_ns: int
    """When the merchant's answer was complete, or was given up."""
    order: str
    callback: str
    """The callback's name in the contract; empty: it is none of the contract's."""
    observation: Observation
    state: PaymentState
    """What it tells the merchant, whether that is true or not."""
    sent_ns: int
    """When it was sent on to the merchant."""
    received_ns: int | None = None
    """When it came from the provider; ``None``: it did not."""
    status: int | None = None
    """The merchant's answer; ``None``: there was none."""
    detail: str = ""
    account: str = ""
    forged: str = ""
    """What is wrong with its signature; empty: it is the provider's own."""
    copy: int = 0
    """1, 2, ...: copies that a fault made."""


class ClockAdvance(NamedTuple):
    """The clock of the provider's sandbox was moved on, at some instant from ``began_ns`` to ``at_ns``."""

    at_ns: int
    by_ns: int
    began_ns: int


class OrderIntent(NamedTuple):
    """A request for an order number said which payable thing it is for, in the field that the contract declares."""

    at_ns: int
    order: str
    intent: str


class ReportedOutcome(StrEnum):
    """What a merchant takes a payment for."""

    PAID = "paid"
    FAILED = "failed"
    OPEN = "open"
    """It does not know, or waits for a person."""


class MerchantReport(NamedTuple):
    """The merchant said what it takes a payment for: in its output, by a call, or in its books after the run."""

    at_ns: int
    source: str
    """``output``, ``call`` or ``verify-cmd``."""
    outcome: ReportedOutcome | None
    """``None``: it only counts payments."""
    order: str = ""
    """Its order number; empty: it names the intent."""
    intent: str = ""
    payments: int | None = None
    """How many payments stand in its own books; ``None``: not told."""


Event = (
    Begin | Complete | FaultChange | Phase | ReplicationSample | Movement | LedgerRead | UnknownMovements
    | CallbackReceived | CallbackDelivered | ClockAdvance | OrderIntent | MerchantReport
    | StatedLine | StatementPage | StatementRead
)  # fmt: skip

_NAMES: dict[type, str] = {
    Begin: "begin",
    Complete: "complete",
    FaultChange: "fault",
    Phase: "phase",
    ReplicationSample: "replication",
    Movement: "movement",
    LedgerRead: "ledger",
    UnknownMovements: "unknown-movements",
    CallbackReceived: "notice",
    CallbackDelivered: "delivery",
    ClockAdvance: "clock",
    OrderIntent: "intent",
    MerchantReport: "report",
    StatedLine: "line",
    StatementPage: "page",
    StatementRead: "statement",
}
_TYPES = {name: kind for kind, name in _NAMES.items()}


def event_to_json(event: Event) -> dict[str, Any]:
    """Return the object of a journal line: ``{"e": "begin", "at_ns": ..., ...}``. Fields that are ``None`` or empty are
    left out.
    """
    data: dict[str, Any] = {"e": _NAMES[type(event)]}
    for key, value in zip(event._fields, event, strict=True):
        if isinstance(value, PaymentState):
            if value is not PaymentState.UNKNOWN:
                data[key] = value.name
        elif value is not None and value != "":
            data[key] = value
    return data


_BEGIN_DEFAULTS: dict[str, Any] = {"account": "", "order": "", "fingerprint": "", "amount_minor": None, "node": ""}
_COMPLETE_DEFAULTS: dict[str, Any] = dict.fromkeys(("observation", "provider_id", "amount_minor", "answer")) | {
    "detail": ""
}


def event_from_json(data: dict[str, Any]) -> Event:
    """Parse an event; the inverse of ``event_to_json``. Raises ``KeyError``, ``TypeError`` or ``ValueError`` if the
    object is not an event.
    """
    fields = dict(data)
    kind = _TYPES[fields.pop("e")]
    if kind is Begin:
        fields = {**_BEGIN_DEFAULTS, **fields}
        fields["vantage"] = Vantage(fields["vantage"])
        fields["kind"] = OperationKind(fields["kind"])
        return Begin(**fields)
    if kind is Complete:
        fields = {**_COMPLETE_DEFAULTS, **fields}
        fields["vantage"] = Vantage(fields["vantage"])
        fields["outcome"] = Outcome(fields["outcome"])
        fields["state"] = PaymentState[fields.get("state", "UNKNOWN")]
        if fields["observation"] is not None:
            fields["observation"] = Observation(fields["observation"])
        return Complete(**fields)
    if kind is ReplicationSample:
        fields.setdefault("probe_lag_ns", None)
    elif kind in (CallbackReceived, CallbackDelivered):
        fields = {"order": "", "callback": "", "detail": "", **fields}
        fields["observation"] = Observation(fields["observation"])
        fields["state"] = PaymentState[fields.get("state", "UNKNOWN")]
    elif kind is MerchantReport:
        said = fields.get("outcome")
        fields["outcome"] = None if said is None else ReportedOutcome(said)
    elif kind in (Movement, FaultChange, StatedLine):
        for name in kind._fields:
            if name in ("account", "order", "seam", "line_id"):
                fields.setdefault(name, "")
    event: Event = kind(**fields)
    return event

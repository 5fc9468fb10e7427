"""Five short runs, told event by event: the source of the golden journals, with the findings that a
judge must reach.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ackord.core.clock import MS, SECOND
from ackord.core.event import Begin, Complete, Event, FaultChange, LedgerRead, Movement, Phase, ReplicationSample
from ackord.core.history import RunHeader
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.promises import NotFound, Promises
from ackord.core.verdict import Finding, Result

__all__ = ["STORIES", "Story"]

SUBMIT, RESUBMIT, QUERY = OperationKind.SUBMIT, OperationKind.RESUBMIT, OperationKind.QUERY
ACK, STATUS, NOT_FOUND = Observation.ACK, Observation.STATUS, Observation.NOT_FOUND
S = PaymentState
ORIGIN_NS = 5 * SECOND
"""Instants of a real run do not start at nothing; a report that forgot to subtract would show."""


@dataclass
class Story:
    """One run. Instants are milliseconds after ``ORIGIN_NS``."""

    name: str
    header: RunHeader
    complete: bool = True
    events: list[Event] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()

    def exchange(
        self,
        op: int,
        kind: OperationKind,
        order: str,
        begin_ms: float,
        complete_ms: float | None,
        observation: Observation | None,
        state: PaymentState = S.UNKNOWN,
        *,
        detail: str = "",
        amount_minor: int | None = 1999,
        provider_id: str | None = None,
        copy: int = 0,
        lost: bool = False,
    ) -> None:
        """One exchange, at both vantages, 0.2 ms apart; ``lost``: the merchant never got the answer."""
        write = kind is not QUERY
        sent = amount_minor if write else None
        outcome = Outcome.OK if observation is not None else Outcome.INFO
        for vantage, apart_ms in ((Vantage.MERCHANT, 0.2), (Vantage.PROVIDER, 0.0)):
            if vantage is Vantage.MERCHANT and copy:
                continue
            begin = Begin(
                _at(begin_ms - apart_ms), vantage, op, copy, kind, "alpha", order, op, "p1" if write else "", sent, ""
            )
            self.events.append(begin)
            if vantage is Vantage.MERCHANT and lost:
                gone = (Outcome.INFO, None, S.UNKNOWN, None, None, "time-out after 2000 ms", None)
                self.events.append(Complete(_at(begin_ms + 2000), vantage, op, copy, *gone))
            elif complete_ms is not None:
                said = (outcome, observation, state, provider_id, None, detail, None)
                self.events.append(Complete(_at(complete_ms + apart_ms), vantage, op, copy, *said))

    def phase(self, at_ms: float, name: str) -> None:
        self.events.append(Phase(_at(at_ms), name))

    def fault(self, at_ms: float, fault: str, change: str, seam: str, op: int = 0, **detail: object) -> None:
        self.events.append(FaultChange(_at(at_ms), fault, change, seam, op, dict(detail)))

    def replication(self, at_ms: float, behind_bytes: int, probe_lag_ms: float | None = None) -> None:
        lag_ns = None if probe_lag_ms is None else int(probe_lag_ms * MS)
        self.events.append(ReplicationSample(_at(at_ms), 90_000_000, 90_000_000 - behind_bytes, lag_ns))

    def ledger(self, at_ms: float, order: str, *amounts_minor: int) -> None:
        for i, amount in enumerate(amounts_minor, 1):
            self.events.append(Movement(_at(at_ms), "alpha", order, f"mv-{order}-{i}", amount, "payout"))
        self.events.append(LedgerRead(_at(at_ms), len(amounts_minor)))

    def sorted(self) -> Story:
        self.events.sort(key=lambda event: event.at_ns)
        return self


def _at(ms: float) -> int:
    return ORIGIN_NS + round(ms * MS)


def _header(profile: str, *, promises: Promises | None = None) -> RunHeader:
    return RunHeader(
        contract="reference",
        profile=profile,
        subject="provider",
        vantage=Vantage.PROVIDER,
        seed=20171,
        promises=promises or Promises(),
        exposes=("acknowledged-order-visible",),
        started="2026-01-02T03:04:05Z",
        command=f"ackord certify reference --profile {profile} --seed 20171",
        options={"currency": "EUR"},
    )


def visibility() -> Story:
    """The standby answers for an order that it has not heard of yet."""
    s = Story("violated-visibility", _header("replica-lag"))
    s.phase(0, "steady")
    s.phase(50, "disturb")
    s.fault(51, "replication-latency", "armed", "replication", latency_ms=200)
    s.replication(95, 18_432, 203)
    s.exchange(1, SUBMIT, "A-17", 100, 112.4, ACK, S.PROCESSING, detail="201 PROCESSING", provider_id="po_17")
    s.exchange(2, QUERY, "A-17", 115.5, 117.1, NOT_FOUND, S.NOT_FOUND, detail="404 ORDER_NOT_FOUND")
    for i in range(8):
        s.exchange(3 + i, QUERY, "A-17", 330 + 10 * i, 332 + 10 * i, STATUS, S.PROCESSING, detail="200 PROCESSING")
    s.exchange(11, QUERY, "A-17", 900, 902, STATUS, S.SUCCEEDED, detail="200 PAID")
    s.fault(598, "replication-latency", "effective", "replication", probe_lag_ms=203)
    s.fault(600, "replication-latency", "healed", "replication")
    s.phase(601, "settle")
    s.ledger(1000, "A-17", 1999)
    s.phase(1001, "done")
    s.findings = (
        Finding(
            "acknowledged-order-visible",
            "A-17",
            "alpha",
            Result.VIOLATED,
            "query 2 began 3.1 ms after the acknowledgement (submit 1) and was answered 404 ORDER_NOT_FOUND",
            _at(117.1),
            round(3.1 * MS),
            ((1, 0), (2, 0)),
        ),
    )
    return s


def double_movement() -> Story:
    """The answer is lost, the merchant sends the same number again, and the money leaves twice."""
    s = Story("violated-double-movement", _header("lost-answers"))
    s.phase(0, "disturb")
    s.fault(1, "lost-answer", "armed", "edge", hit_share=0.5)
    s.exchange(
        1,
        SUBMIT,
        "B-3",
        10,
        22,
        ACK,
        S.PROCESSING,
        detail="201 PROCESSING",
        provider_id="po_3",
        amount_minor=25_000,
        lost=True,
    )
    s.fault(22, "lost-answer", "fired", "edge", op=1)
    s.exchange(
        2,
        RESUBMIT,
        "B-3",
        2015,
        2030,
        ACK,
        S.PROCESSING,
        detail="201 PROCESSING",
        provider_id="po_4",
        amount_minor=25_000,
    )
    s.exchange(3, QUERY, "B-3", 2040, 2042, STATUS, S.PROCESSING, detail="200 PROCESSING")
    s.fault(2100, "lost-answer", "healed", "edge")
    s.phase(2101, "settle")
    s.ledger(2500, "B-3", 25_000, 25_000)
    s.phase(2501, "done")
    s.findings = (
        Finding(
            "resubmission-moves-money-once",
            "B-3",
            "alpha",
            Result.VIOLATED,
            "the ledger holds 2 payouts of this order, 50000 minor units in all; at most one was meant",
            _at(2500),
            None,
            ((1, 0), (2, 0)),
            ("mv-B-3-1", "mv-B-3-2"),
        ),
    )
    return s


def unsafe() -> Story:
    """The contract tolerates not-found for 30 s, and the provider makes use of it."""
    promises = Promises(not_found=NotFound.TOLERATED, not_found_tolerated_ns=30 * SECOND)
    s = Story("unsafe-visibility", _header("replica-lag", promises=promises))
    s.phase(0, "disturb")
    s.exchange(1, SUBMIT, "C-9", 10, 20, ACK, S.RECEIVED, detail="202 ACCEPTED")
    s.exchange(2, QUERY, "C-9", 21.5, 24, NOT_FOUND, S.NOT_FOUND, detail="404")
    s.exchange(3, QUERY, "C-9", 800, 803, STATUS, S.SUCCEEDED, detail="200 PAID")
    s.phase(900, "settle")
    s.ledger(1000, "C-9", 1999)
    s.phase(1001, "done")
    s.findings = (
        Finding(
            "acknowledged-order-visible",
            "C-9",
            "alpha",
            Result.UNSAFE,
            "query 2 began 1.5 ms after the acknowledgement (submit 1) and was answered 404 (NOT_FOUND); the "
            "contract tolerates this for 30 s",
            _at(24),
            round(1.5 * MS),
            ((1, 0), (2, 0)),
            (),
            ("buffer", "poll", "resubmit"),
        ),
    )
    return s


def cut_off() -> Story:
    """The run was killed while a query was open."""
    s = Story("cut-off", _header("replica-lag"), complete=False)
    s.phase(0, "disturb")
    s.exchange(1, SUBMIT, "D-1", 10, 20, ACK, S.RECEIVED, detail="202 ACCEPTED")
    s.exchange(2, QUERY, "D-1", 21, 22, STATUS, S.RECEIVED, detail="200 RECEIVED")
    s.exchange(3, QUERY, "D-1", 30, None, None)
    return s


def held() -> Story:
    """A provider that reads from its primary: nothing to find."""
    s = Story("held", _header("replica-lag"))
    s.phase(0, "disturb")
    s.fault(1, "replication-latency", "armed", "replication", latency_ms=200)
    s.fault(2, "replication-latency", "effective", "replication", probe_ms=201)
    s.replication(3, 4096, 201)
    s.exchange(1, SUBMIT, "E-1", 10, 20, ACK, S.RECEIVED, detail="202 ACCEPTED")
    s.exchange(2, QUERY, "E-1", 21, 22, STATUS, S.PROCESSING, detail="200 PROCESSING")
    s.exchange(3, QUERY, "E-1", 400, 402, STATUS, S.SUCCEEDED, detail="200 PAID")
    s.fault(500, "replication-latency", "healed", "replication")
    s.phase(501, "settle")
    s.ledger(600, "E-1", 1999)
    s.phase(601, "done")
    return s


STORIES: dict[str, Story] = {s.name: s.sorted() for s in (visibility(), double_movement(), unsafe(), cut_off(), held())}

"""Campaigns that show every face of the page: a pass, a violation, an UNSAFE, an inconclusive, a partial run, a drill, a
wide one, and one whose every text is hostile.
"""

from __future__ import annotations

from typing import Any

from ackord.core.clock import MS
from ackord.core.event import (
    Begin,
    CallbackDelivered,
    CallbackReceived,
    Complete,
    Event,
    FaultChange,
    MerchantReport,
    Movement,
    Phase,
    ReplicationSample,
    ReportedOutcome,
)
from ackord.core.history import History, RunHeader
from ackord.core.landing import estimate
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises
from ackord.core.result import CampaignResult
from ackord.core.verdict import GuaranteeVerdict, Result

from ..build import ONCE, VISIBLE, campaign, finding, judged, left_out, profile

HOSTILE = "</title></svg></style></script><script>alert(1)</script><img src=x onerror='y'>&amp;\"'\x00\x1b[31m\u202e\u200b\ud800\n{{$x}}"
SAME = "resubmission-same-order"
_STATES = {Observation.ACK: PaymentState.RECEIVED, Observation.NOT_FOUND: PaymentState.NOT_FOUND}


def seen_twice(
    op: int,
    kind: OperationKind,
    begin_ms: float,
    end_ms: float,
    observation: Observation,
    *,
    order: str = "A-1",
    node: str = "A",
    state: PaymentState | None = None,
    detail: str = "",
    body: str = '{"status":"PROCESSING"}',
    headers: dict[str, str] | None = None,
    account: str = "alpha",
) -> list[Event]:
    """One exchange at both vantages, with its raw answer."""
    events: list[Event] = []
    for vantage, early in ((Vantage.MERCHANT, 1.0), (Vantage.PROVIDER, 0.0)):
        begin = (round((begin_ms - early) * MS), vantage, op, 0, kind, account, order, op, "p1", 1999, node, "EUR", "p")
        status = 404 if observation is Observation.NOT_FOUND else 200
        answer = {"status": status, "headers": headers or {"content-type": "application/json"}, "body": body}
        said = state if state is not None else _STATES.get(observation, PaymentState.PROCESSING)
        end = (
            round((end_ms + early) * MS),
            vantage,
            op,
            0,
            Outcome.OK,
            observation,
            said,
            "po-1",
            1999,
            detail,
            answer,
        )
        events += [Begin(*begin), Complete(*end)]
    return events


def order_events(order: str = "A-1", first_op: int = 1, start_ms: float = 0, *, text: str = "") -> list[Event]:
    """A submit at node A, an early answer of node B that denies it, one that shows it, a callback, and two payouts."""
    said = {"detail": text, "body": text, "headers": {text: text}} if text else {}
    more: dict[str, Any] = {"order": order, **said}
    return [
        *seen_twice(first_op, OperationKind.SUBMIT, start_ms, start_ms + 10, Observation.ACK, **more),
        *seen_twice(
            first_op + 1, OperationKind.QUERY, start_ms + 12, start_ms + 13, Observation.NOT_FOUND,
            **{**more, "node": text or "B"},
        ),
        *seen_twice(first_op + 2, OperationKind.QUERY, start_ms + 120, start_ms + 124, Observation.STATUS, **more),
        CallbackReceived(
            round((start_ms + 130) * MS), order, text or "order-event", Observation.STATUS, PaymentState.SUCCEEDED, text
        ),
        *(
            Movement(round((start_ms + 2_000) * MS), "alpha", order, f"{text or 'mv'}-{order}-{n}", 1999, "payout", "EUR")
            for n in (1, 2)
        ),
    ]  # fmt: skip


def run(orders: int = 5, *, text: str = "", options: dict[str, Any] | None = None, **more: Any) -> History:
    """A run under a lag of replication that strikes half of it."""
    fault = text or "replication-latency"
    end = orders * 40 + 3_000
    events: list[Event] = [
        Phase(0, text or "steady"),
        Phase(20 * MS, "disturb"),
        FaultChange(5 * MS, fault, "armed", text or "replication", 0, {"latency_ms": 200, text or "mode": text or "x"}),
        FaultChange(30 * MS, fault, "effective", "replication", 0, {}),
        FaultChange(21 * MS, text or "lost-answer", "armed", "edge", 0, {"share": 0.5}),
        FaultChange(22 * MS, text or "lost-answer", "fired", "edge", 2, {"mode": text or "reset"}),
        FaultChange(60 * MS, text or "node-crash", "fired", "process", 0, {"node": text or "B"}),
        FaultChange(round(end * 0.6) * MS, fault, "healed", "replication", 0, {}),
        *(ReplicationSample(i * 20 * MS, 4096 * i, 0, (200 if i > 1 else 1) * MS) for i in range(8)),
    ]
    for i in range(orders):
        events += order_events(text if text and i == 0 else f"A-{i + 1}", 1 + 3 * i, i * 40, text=text)
    events += [Phase(round(end * 0.7) * MS, "settle"), Phase(end * MS, "done")]
    header = RunHeader(
        "reference", "replica-lag", "provider", Vantage.PROVIDER, 7, Promises(lands_within_ns=1000 * MS),
        options={
            "currency": "EUR", "requests": {"submit": "POST /v1/orders", "query": "GET /v1/orders/${order_no}"},
            **(options or {}),
        }, tool="0.1.0", contract_sha256="ab" * 32,
    )  # fmt: skip
    return History(header, sorted(events, key=lambda e: e.at_ns), **more)


def broke(
    guarantee: str, result: Result = Result.VIOLATED, *, orders: int = 3, violations: int = 0, **more: Any
) -> GuaranteeVerdict:
    """A broken guarantee with a finding for each of the first ``orders`` orders of ``run``."""
    cause = more.get("follows_from", "")
    money = guarantee == ONCE
    found = tuple(
        finding(guarantee, result, **{
            "order": f"A-{i + 1}", "at_ns": (i * 40 + 13) * MS, "evidence": ((1 + 3 * i, 0), (2 + 3 * i, 0)),
            "summary": f"query {2 + 3 * i} (node B) began 2.00 ms after the acknowledgement and was answered NOT_FOUND",
            "movements": (f"mv-A-{i + 1}-1", f"mv-A-{i + 1}-2") if money else (),
            **more,
        })
        for i in range(orders)
    )  # fmt: skip
    return GuaranteeVerdict(guarantee, result, 40, 20, violations or orders, found, "", cause)


def violated() -> CampaignResult:
    history = run()
    lag = profile(
        "replica-lag", broke(VISIBLE, violations=7, orders=5), broke(ONCE), broke(SAME, follows_from=ONCE),
        judged("status-never-regresses"), history=history, landing=estimate(history),
    )  # fmt: skip
    calm = profile("none", judged(VISIBLE), judged(ONCE), judged(SAME), history=run(2))
    return campaign(
        lag, calm, contract_file="contracts/reference.yaml", contract_lines={VISIBLE: 57}, left_out=(left_out(),)
    )


def passed() -> CampaignResult:
    return campaign(profile("none", judged(VISIBLE), judged(ONCE), history=run(3), landing=estimate(run(3))))


def unsafe() -> CampaignResult:
    g = broke(VISIBLE, Result.UNSAFE, safe_policies=("poll", "buffer"))
    return campaign(profile("replica-lag", g, judged(ONCE), history=run()))


def inconclusive() -> CampaignResult:
    why = "nothing exposed it: no occasion on which it could have been broken"
    return campaign(profile("none", judged(VISIBLE, Result.INCONCLUSIVE, why), judged(ONCE), history=run(1)))


def partial() -> CampaignResult:
    cut = profile(
        "none", judged(VISIBLE, Result.INCONCLUSIVE, "the journal was cut off"), history=run(2, complete=False),
        complete=False, cut_short="it was interrupted",
    )  # fmt: skip
    return campaign(cut, not_run=("node-crash", "storm"), interrupted=True)


def failed() -> CampaignResult:
    """One that ended before anything was judged."""
    return campaign(failure="the provider did not answer\n  mend: start it", failed_with=4, not_run=("none",))


def drill() -> CampaignResult:
    history = run(3)
    told = [
        CallbackDelivered(
            131 * MS, "A-1", "order-event", Observation.STATUS, PaymentState.FAILED, 126 * MS, 125 * MS, 200,
            forged="signature: wrong",
        ),
        MerchantReport(140 * MS, "output", ReportedOutcome.FAILED, "A-1", payments=2),
    ]  # fmt: skip
    events: list[Event] = [*history.events, *told]
    header = RunHeader(
        "reference", "lost-answers", "integration", Vantage.MERCHANT, 7, Promises(), options=history.header.options
    )
    paid = broke("merchant-pays-once", movements=("mv-A-1-1", "mv-A-2-1"), orders=1)
    return campaign(
        profile("lost-answers", paid, judged("merchant-settles"), history=History(header, events)),
        subject="integration",
    )


def wide() -> CampaignResult:
    names = [f"profile-{i}" for i in range(20)]
    return campaign(*(profile(n, judged(VISIBLE), judged(ONCE), history=run(2)) for n in names))


def hostile() -> CampaignResult:
    history = run(2, text=HOSTILE, options={"currency": HOSTILE, HOSTILE: HOSTILE, "requests": {"submit": HOSTILE}})
    more = {"order": HOSTILE, "account": HOSTILE, "summary": HOSTILE, "movements": (HOSTILE,)}
    bad = broke(HOSTILE, orders=1, **more)
    p = profile(
        HOSTILE, bad, judged(VISIBLE, Result.INCONCLUSIVE, HOSTILE), history=history, landing=estimate(history),
        repeat=HOSTILE, notes=(HOSTILE,), cut_short=HOSTILE, journal=HOSTILE,
    )  # fmt: skip
    said = dict.fromkeys(("contract", "provider", "subject", "target", "flaw", "budget", "started", "repeat"), HOSTILE)
    return campaign(p, contract_file=HOSTILE, failure=HOSTILE, not_run=(HOSTILE,), out=HOSTILE, **said)


ALL = {
    "pass": passed,
    "violation": violated,
    "unsafe": unsafe,
    "inconclusive": inconclusive,
    "partial": partial,
    "failed": failed,
    "drill": drill,
    "wide": wide,
    "hostile": hostile,
}

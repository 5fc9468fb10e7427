"""Small campaigns in few words, for the tests of reports."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from ackord.core.clock import MS
from ackord.core.event import Begin, Complete, Event
from ackord.core.history import History, RunHeader
from ackord.core.landing import LandingWindow
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises
from ackord.core.result import CampaignResult, LeftOutProfile, ProfileResult
from ackord.core.verdict import Finding, GuaranteeVerdict, MissingEvidence, Result, Verdict

VISIBLE = "acknowledged-order-visible"
ONCE = "resubmission-moves-money-once"
REPEAT = "ackord certify reference --profile replica-lag --seed 7"


def exchange(
    op: int,
    kind: OperationKind,
    begin_ms: float,
    complete_ms: float | None,
    observation: Observation | None,
    *,
    order: str = "A-1",
    account: str = "alpha",
    detail: str = "",
    state: PaymentState = PaymentState.UNKNOWN,
    fingerprint: str = "p1",
    copy: int = 0,
    node: str = "",
    amount_minor: int | None = None,
    answered_minor: int | None = None,
    provider_id: str | None = None,
) -> list[Event]:
    """One exchange at the provider's vantage."""
    at = Vantage.PROVIDER
    events: list[Event] = [
        Begin(round(begin_ms * MS), at, op, copy, kind, account, order, op, fingerprint, amount_minor, node)
    ]
    if complete_ms is not None:
        said = (Outcome.OK, observation, state, provider_id, answered_minor, detail, None)
        events.append(Complete(round(complete_ms * MS), at, op, copy, *said))
        # The merchant got it too, so that the answer counts as delivered.
        events.append(Complete(round(complete_ms * MS), Vantage.MERCHANT, op, 0, *said))
    return events


def submit(op: int, begin_ms: float, complete_ms: float | None, **more: Any) -> list[Event]:
    return exchange(op, OperationKind.SUBMIT, begin_ms, complete_ms, Observation.ACK, **more)


def missing(op: int, begin_ms: float, complete_ms: float | None, **more: Any) -> list[Event]:
    return exchange(op, OperationKind.QUERY, begin_ms, complete_ms, Observation.NOT_FOUND, **more)


def shown(op: int, begin_ms: float, complete_ms: float, **more: Any) -> list[Event]:
    more.setdefault("state", PaymentState.PROCESSING)
    return exchange(op, OperationKind.QUERY, begin_ms, complete_ms, Observation.STATUS, **more)


def history(
    *parts: Sequence[Event], options: dict[str, Any] | None = None, vantage: Vantage = Vantage.PROVIDER
) -> History:
    header = RunHeader("reference", "replica-lag", "provider", vantage, 7, Promises(), options=options or {})
    return History(header, [event for part in parts for event in part])


def finding(
    guarantee: str = VISIBLE, result: Result = Result.VIOLATED, summary: str = "it went wrong", **more: Any
) -> Finding:
    values: dict[str, Any] = {
        "order": "A-1",
        "account": "alpha",
        "at_ns": 12 * MS,
        "staleness_ns": MS,
        "evidence": ((1, 0), (2, 0)),
    }
    values |= more
    return Finding(guarantee=guarantee, result=result, summary=summary, **values)


def judged(
    guarantee: str = VISIBLE,
    result: Result = Result.HELD,
    reason: str = "",
    missing: MissingEvidence | None = None,
    **finding_more: Any,
) -> GuaranteeVerdict:
    """A guarantee's verdict: 40 exposures of 20 orders, and, where it is broken, 3 orders with one finding."""
    if result in (Result.VIOLATED, Result.UNSAFE):
        return GuaranteeVerdict(guarantee, result, 40, 20, 3, (finding(guarantee, result, **finding_more),))
    exposures = 40 if result is Result.HELD else 0
    return GuaranteeVerdict(guarantee, result, exposures, exposures // 2, reason=reason, missing=missing)


def profile(
    name: str, *guarantees: GuaranteeVerdict, journal: str = "nowhere/journal.jsonl", **more: Any
) -> ProfileResult:
    values: dict[str, Any] = {
        "verdict": Verdict("reference", name, 7, guarantees, more.pop("complete", True), more.pop("notes", ())),
        "history": more.pop("history", None) or history(submit(1, 0, 10), missing(2, 11, 12)),
        "landing": None,
        "operations": 2,
        "elapsed_ns": 250 * MS,
        "repeat": REPEAT,
    }
    return ProfileResult(profile=name, journal=journal, **(values | more))


def campaign(*profiles: ProfileResult, **more: Any) -> CampaignResult:
    values: dict[str, Any] = {
        "contract": "reference",
        "provider": "reference provider",
        "subject": "provider",
        "target": "reference",
        "flaw": "",
        "seed": 7,
        "budget": "quick",
        "started": "2026-01-02T03:04:05Z",
        "elapsed_ns": 500 * MS,
        "not_run": (),
        "out": "out",
        "repeat": "ackord certify reference --seed 7",
    }
    return CampaignResult(profiles=profiles, **(values | more))


def left_out(name: str = "replica-lag", reason: str = "no seam for replication", *exposes: str) -> LeftOutProfile:
    """A profile that cannot run here, and that would judge all that it exposes under faults of its own."""
    return LeftOutProfile(name, reason, exposes or (VISIBLE,), exposes or (VISIBLE,))


def window(**more: Any) -> LandingWindow:
    """299 orders, none missed."""
    values: dict[str, Any] = {
        "orders": 299,
        "seen_missing": 0,
        "never_shown": 0,
        "not_asked_again": 0,
        "p50_ns": MS,
        "p90_ns": 2 * MS,
        "p99_ns": 3 * MS,
        "max_ns": 4 * MS,
        "p99_upper_ns": 4 * MS,
        "p99_orders_needed": 299,
        "asked_at_once": 299,
        "visible_at_once_share": 0.05 ** (1 / 299),
        "recommended_buffer_ms": 0,
    }
    return LandingWindow(**(values | more))


def paper(width: int = 100) -> Console:
    """A console that is no terminal, like the log of a CI system."""
    return Console(file=io.StringIO(), width=width, force_terminal=False, _environ={})


def terminal(width: int = 100, **environment: str) -> Console:
    return Console(
        file=io.StringIO(),
        width=width,
        force_terminal=True,
        color_system="standard",
        _environ={"TERM": "xterm", **environment},
    )


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def every_kind() -> list[CampaignResult]:
    """Campaigns of every result and ending, with texts that a hostile answer may bring."""
    every = [judged(f"g-{r.value}", r, "why") for r in Result]
    evil = "\x1b[31m\u202e\x00 ]]> <script>&\ud800\ufffe | `x` \r\n::error::"
    whole = campaign(
        profile("a", *every),
        not_run=("b",),
        left_out=(left_out("c"),),
        required=("d",),
        contract_file="contracts/my bank.yaml",
        contract_lines={VISIBLE: 3},
    )
    return [
        whole,
        campaign(),
        campaign(profile("a", judged())),
        campaign(profile("a", judged()), failure="the provider is gone", contract_file="/x/y.yaml"),
        campaign(profile("a", judged("of-another-package", Result.VIOLATED)), started="", interrupted=True),
        campaign(
            profile("a", judged(VISIBLE, Result.VIOLATED, evil), judged(ONCE, Result.INCONCLUSIVE, evil)), provider=evil
        ),
    ]

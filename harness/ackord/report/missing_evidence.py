"""Says what gives the evidence that an unjudged guarantee lacks. The judge says what that is (``MissingEvidence``); the
step depends on where the evidence comes from, too: a run can be repeated, and a recording must be recorded anew.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import Any, NamedTuple

from ..core.result import CampaignResult
from ..core.verdict import MissingEvidence, Result
from .campaign_summary import UnjudgedGuarantees, gaps, unjudged

__all__ = [
    "ADVICE",
    "Advice",
    "UnjudgedStep",
    "gaps_with_steps",
    "next_step",
    "next_steps",
    "steps_to_json",
    "unjudged_by_step",
]

Json = dict[str, Any]

_INJECT = "repeat the run without --no-inject, which announces every fault and makes none"
_MORE = "send more orders for it to happen to"
_BUDGETS = {
    "quick": f"{_MORE}: --budget standard, or deep",
    "standard": f"{_MORE}: --budget deep",
    "deep": "repeat the run with another --seed: other orders meet other faults",
}
_PAY_MORE = "let the command make more payments while the faults are in force, or drill it with another --profile"
_CHECK = "ackord contract check CONTRACT"
_READ = f"{_CHECK} shows which answers the contract does not understand; mend it, and judge again"
_LEDGER = f"let the contract's ledger section (and next page) lead to the last movement; {_CHECK} reads it once"
_MOVEMENTS = f"let the contract's ledger section find the movements of these orders; {_CHECK} reads it once"
_STATEMENT = "mend the contract's statement section: the reason says what was met"
_SILENCE = (
    "find out at the provider why it does not answer; how long an answer is waited for, and how many requests are sent "
    "a second, is set under limits in the contract (timeout, rate_per_s)"
)
_ACCEPT = "let the contract's submit section send what the provider accepts: the reason says how it refuses most orders"
_WHOLE = "repeat the run, and let it come to its end"
_REPORT = "let the merchant say what it takes its payments for: --report-pattern, ACKORD_REPORT_URL or --verify-cmd"
_ENDS = "let the provider end payments while the drill settles, and the contract's states name the ends"


class Advice(NamedTuple):
    """What gives one kind of evidence; empty where nothing of this kind can be missing."""

    run: str
    """Where the provider can be asked again."""
    drill: str
    """Where a merchant's own command is judged."""
    recording: str
    """Where the traffic is another program's."""


def _merchant(step: str) -> Advice:
    return Advice(step, step, step)


ADVICE: dict[MissingEvidence, Advice] = {
    MissingEvidence.FAULT_EFFECT: Advice(_BUDGETS["quick"], _PAY_MORE, ""),  # a recording has no faults
    MissingEvidence.EXPOSURE: Advice(_BUDGETS["quick"], _PAY_MORE, "record traffic in which such an occasion occurs"),
    MissingEvidence.ANSWERED_REQUESTS: Advice(_SILENCE, _SILENCE, "record traffic whose requests are answered"),
    MissingEvidence.USABLE_ANSWERS: Advice(
        _READ, _READ, "compare the contract's answers with the recorded ones; mend the contract, and judge again"
    ),
    MissingEvidence.ACCEPTED_ORDERS: Advice(_ACCEPT, _ACCEPT, "record traffic whose orders are accepted"),
    MissingEvidence.WHOLE_LEDGER: Advice(
        _LEDGER, _LEDGER, "record how the ledger is read, from its first page to its last, after the last order"
    ),
    MissingEvidence.LEDGER_MOVEMENTS: Advice(
        _MOVEMENTS, _MOVEMENTS, "record the ledger once these orders are paid, or mend the contract's ledger section"
    ),
    MissingEvidence.WHOLE_STATEMENT: Advice(
        _STATEMENT, _STATEMENT, "record readings of the statement that come to its end"
    ),
    MissingEvidence.WHOLE_RUN: Advice(_WHOLE, _WHOLE, "judge the recording again once it is whole"),
    MissingEvidence.MERCHANT_ORDERS: _merchant(
        "let the command send its orders to ACKORD_PROVIDER_URL, and let the contract's submit section read them"
    ),
    MissingEvidence.MERCHANT_TIME: _merchant("give the command more time: --time-limit"),
    MissingEvidence.MERCHANT_OUTCOMES: _merchant(_REPORT),
    MissingEvidence.PAYMENT_ENDS: _merchant(_ENDS),
}
_BY_FAULTS = (MissingEvidence.FAULT_EFFECT, MissingEvidence.EXPOSURE)
"""What a run lacks if its faults hit nothing."""


def next_step(missing: MissingEvidence | None, result: CampaignResult) -> str:
    """Return what gives this evidence; empty if nothing is missing, or if there is no general advice."""
    if missing is None:
        return ""
    advice, drilled = ADVICE[missing], result.subject == "integration"
    if result.target == "recording" or (result.target == "parquet" and not (result.budget or drilled)):
        return advice.recording
    if missing in _BY_FAULTS and any(p.history.header.options.get("inject") is False for p in result.profiles):
        return _INJECT
    if drilled:
        return advice.drill
    if missing not in _BY_FAULTS:
        return advice.run
    step = _BUDGETS.get(result.budget, advice.run)
    return step.replace("--", "--chaos-") if result.repeat.startswith("pytest ") else step


class UnjudgedStep(NamedTuple):
    """What one step would let be judged."""

    result: Result
    step: str
    """Empty: there is no general advice, as for a judge that failed."""
    groups: tuple[UnjudgedGuarantees, ...]


def unjudged_by_step(result: CampaignResult) -> list[UnjudgedStep]:
    """Return the unjudged guarantees, errors first, put together by what gives their evidence: each step stands once,
    however many reasons and profiles it is for.
    """
    found: dict[tuple[Result, str], list[UnjudgedGuarantees]] = {}
    for group in unjudged(result):
        found.setdefault((group.result, next_step(group.missing, result)), []).append(group)
    return [UnjudgedStep(res, step, tuple(groups)) for (res, step), groups in found.items()]


def next_steps(result: CampaignResult) -> list[str]:
    """Return every step that gives missing evidence, once."""
    return list(dict.fromkeys(entry.step for entry in unjudged_by_step(result) if entry.step))


def gaps_with_steps(result: CampaignResult) -> list[str]:
    """Return the ``gaps``, each with its own step: for reports in which each is read alone."""
    steps = [next_step(group.missing, result) for group in unjudged(result)]  # with these the gaps begin
    return [f"{gap}; next: {step}" if step else gap for gap, step in zip_longest(gaps(result), steps, fillvalue="")]


def steps_to_json(result: CampaignResult) -> list[Json]:
    """Return every step with the guarantees and the profiles' labels that it is for."""
    return [
        {
            "step": entry.step,
            "guarantees": list(dict.fromkeys(name for group in entry.groups for name in group.guarantees)),
            "profiles": list(dict.fromkeys(label for group in entry.groups for label in group.labels)),
        }
        for entry in unjudged_by_step(result)
        if entry.step
    ]

"""Lists a campaign as test cases, one for each guarantee and profile, for the reports of test runners.

Names are unique, because GitLab drops all but one case of a name. Only ``HELD`` passes, and a profile that judged
nothing gets a case that fails, so that a green build means that something was proven.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from ..core.result import CampaignResult, LeftOutProfile, ProfileResult
from ..core.verdict import GuaranteeVerdict, Result
from ..guarantees.merchant.catalogue import guarantee_named
from .campaign_summary import labelled
from .explanation import Explainer
from .format import MEANINGS, count
from .missing_evidence import next_step

__all__ = ["CaseOutcome", "CaseSuite", "ReportCase", "case_suites"]

_EXPLAINED = 3
_JUDGED = "profile-judged"


class CaseOutcome(StrEnum):
    """What a case comes to, in JUnit's words."""

    PASSED = "passed"
    FAILURE = "failure"
    ERROR = "error"
    SKIPPED = "skipped"


class ReportCase(NamedTuple):
    name: str
    outcome: CaseOutcome
    result: Result
    message: str = ""
    text: str = ""
    """What is to be read below the message: explained findings."""
    properties: dict[str, str] = {}  # noqa: RUF012 - nobody changes it
    elapsed_ns: int = 0
    """Its share of the profile's time: all guarantees are judged from one run, so the cases add up to it."""


class CaseSuite(NamedTuple):
    """The cases of one profile, or of the campaign as a whole."""

    name: str
    label: str
    command: str
    cases: tuple[ReportCase, ...]
    elapsed_ns: int | None = None
    """``None``: nothing was run."""


def case_suites(result: CampaignResult) -> list[CaseSuite]:
    """Return all suites: those of profiles that ran, that did not run, that cannot, and of doubts about the whole."""

    def suite(label: str, *cases: ReportCase) -> CaseSuite:
        return CaseSuite(f"ackord.{result.contract}.{label}", label, result.repeat, cases)

    suites = [_suite(result, label, p) for label, p in labelled(result)]
    why = "the profile was not run, because the run stopped early"
    suites += [suite(name, _error(_JUDGED, Result.INCONCLUSIVE, why)) for name in result.not_run]
    suites += [suite(absent.profile, _left_out(absent)) for absent in result.left_out]
    doubts = [_error(f"doubt-{n}", Result.INCONCLUSIVE, doubt) for n, doubt in enumerate(result.doubts, 1)]
    if doubts:
        suites.append(suite("campaign", *doubts))
    if not result.profiles and not result.not_run:
        why = "no profile was run, so nothing was judged"
        suites.append(suite("no-profile", _error(_JUDGED, Result.INCONCLUSIVE, why)))
    return suites


def _suite(result: CampaignResult, label: str, p: ProfileResult) -> CaseSuite:
    explainer = Explainer(p.history, repeat=p.repeat)
    share_ns = p.elapsed_ns // max(1, len(p.verdict.guarantees))
    cases = [_case(result, label, g, explainer)._replace(elapsed_ns=share_ns) for g in p.verdict.guarantees]
    told = any(case.outcome in (CaseOutcome.FAILURE, CaseOutcome.ERROR) for case in cases)
    if p.verdict.result is not Result.HELD and not told:
        reason = "; ".join(p.verdict.notes) or "no guarantee could be judged"
        cases.append(_error(_JUDGED, p.verdict.result, reason))
    return CaseSuite(f"ackord.{result.contract}.{label}", label, p.repeat, tuple(cases), p.elapsed_ns)


def _case(result: CampaignResult, label: str, g: GuaranteeVerdict, explainer: Explainer) -> ReportCase:
    known = guarantee_named(g.guarantee)
    properties = {
        "id": g.guarantee,
        "profile": label,
        "clause": known.clause if known else "",
        "result": g.result.value,
        "exposures": str(g.exposures),
        "orders": str(g.orders),
        "violations": str(g.violations),
        "seed": str(result.seed),
    }
    match g.result:
        case Result.HELD:
            return ReportCase(g.guarantee, CaseOutcome.PASSED, g.result, properties=properties)
        case Result.VIOLATED | Result.UNSAFE:
            summary = g.findings[0].summary if g.findings else MEANINGS[g.result]
            message = f"{count(g.violations, 'order')} of {g.orders:,}: {summary}"
            if g.follows_from:
                message += f"; it follows from {g.follows_from}"
            text = "\n\n".join(explainer.explain(f).text() for f in g.findings[:_EXPLAINED])
            return ReportCase(g.guarantee, CaseOutcome.FAILURE, g.result, message, text, properties)
        case Result.NOT_APPLICABLE:
            return ReportCase(g.guarantee, CaseOutcome.SKIPPED, g.result, g.reason, properties=properties)
        case _:
            case = _error(g.guarantee, g.result, g.reason)._replace(properties=properties)
            step = next_step(g.missing, result)
            return case._replace(text=f"{case.text}\nnext: {step}") if step else case


def _left_out(p: LeftOutProfile) -> ReportCase:
    """A profile that cannot run is skipped, with the reason and with what it would have judged."""
    message = f"the profile cannot run here: {p.reason}; not put to the test by it: {', '.join(p.exposes)}"
    return ReportCase(_JUDGED, CaseOutcome.SKIPPED, Result.NOT_APPLICABLE, message)


def _error(name: str, result: Result, reason: str) -> ReportCase:
    return ReportCase(name, CaseOutcome.ERROR, result, reason, f"{result.value}: {MEANINGS[result]}\n{reason}")

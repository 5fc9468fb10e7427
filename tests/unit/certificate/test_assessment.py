"""A level is earned by its guarantees under its profiles, and every reason against it is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ackord.certificate.assessment import Denial, assess, gravest, highest_level
from ackord.certificate.levels import LEVELS, CertificateLevel
from ackord.core.history import History, RunHeader
from ackord.core.operation import Vantage
from ackord.core.promises import Promises
from ackord.core.result import CampaignResult, LeftOutProfile, ProfileResult
from ackord.core.verdict import Finding, GuaranteeVerdict, Result, Verdict

TWO = CertificateLevel(
    "T", "Two", ("landing-bounded", "order-not-stuck"), ("answers-match-schema",), frozenset({"order-not-stuck"}),
    ("none", "latency"),
)  # fmt: skip
FINDING = Finding("landing-bounded", "A-1", "main", Result.VIOLATED, "it landed too late", 5, 70, ())


def profile(
    name: str, complete: bool = True, options: dict[str, Any] | None = None, **results: Result
) -> ProfileResult:
    header = RunHeader("bank", name, "provider", Vantage.PROVIDER, 1, Promises(), options=options or {})
    verdicts = tuple(
        GuaranteeVerdict(
            g.replace("_", "-"), r, 3, 2,
            findings=(FINDING,) if r in (Result.VIOLATED, Result.UNSAFE) else (),
            reason="nothing exposed it" if r is Result.INCONCLUSIVE else "it does not apply",
        )
        for g, r in results.items()
    )  # fmt: skip
    verdict = Verdict("bank", name, 1, verdicts, complete)
    return ProfileResult(name, verdict, History(header, []), None, f"{name}/journal.jsonl", 9, 1, "again")


def campaign(*profiles: ProfileResult, **more: Any) -> CampaignResult:
    whole = CampaignResult(
        "bank", "a bank", "provider", "http://127.0.0.1:1", "", 1, "quick", "", 1, profiles, (), "", ""
    )
    return replace(whole, **more)


HELD = {"landing_bounded": Result.HELD, "order_not_stuck": Result.HELD}
GOOD = (profile("none", **HELD), profile("latency", **HELD))


LEFT_OUT = LeftOutProfile("latency", "no seam for edge", (), ())


def denied(run: CampaignResult) -> list[tuple[int, str]]:
    return [(d.exit_code, d.sentence) for d in assess(run, TWO).denials]


def test_what_held_everywhere_earns_it() -> None:
    found = assess(campaign(*GOOD), TWO)
    assert found.granted
    assert found.exit_code == 0
    assert [(s.guarantee, s.strength, s.result, s.exposures) for s in found.standings] == [
        ("landing-bounded", "MUST", Result.HELD, 6),
        ("order-not-stuck", "MUST", Result.HELD, 6),
        ("answers-match-schema", "SHOULD", Result.NOT_APPLICABLE, 0),
    ]


def test_once_is_enough_where_it_does_not_apply_elsewhere() -> None:
    assert assess(campaign(GOOD[0], profile("latency", landing_bounded=Result.NOT_APPLICABLE)), TWO).granted


@pytest.mark.parametrize(
    ("result", "code", "said"),
    [
        (Result.VIOLATED, 1, "landing-bounded is VIOLATED under latency: it landed too late"),
        (Result.UNSAFE, 1, "landing-bounded is UNSAFE under latency: it landed too late"),
        (Result.INCONCLUSIVE, 3, "landing-bounded is INCONCLUSIVE under latency: nothing exposed it"),
        (Result.ERROR, 4, "landing-bounded is ERROR under latency"),
    ],
)
def test_once_broken_or_doubtful_is_enough_against_it(result: Result, code: int, said: str) -> None:
    found = assess(campaign(GOOD[0], profile("latency", landing_bounded=result)), TWO)
    assert [d.exit_code for d in found.denials] == [code]
    assert found.denials[0].sentence.startswith(said)
    assert found.exit_code == code


def test_unsafe_is_enough_where_the_level_says_so_and_violated_is_not() -> None:
    assert assess(campaign(GOOD[0], profile("latency", order_not_stuck=Result.UNSAFE)), TWO).granted
    assert not assess(campaign(GOOD[0], profile("latency", order_not_stuck=Result.VIOLATED)), TWO).granted


def test_where_it_is_exposed_it_must_not_be_broken() -> None:
    lenient = replace(TWO, must=("landing-bounded",), where_exposed=("order-not-stuck",))
    run = campaign(GOOD[0], profile("latency", order_not_stuck=Result.NOT_APPLICABLE))
    assert assess(campaign(profile("none", landing_bounded=Result.HELD), profile("latency")), lenient).granted
    assert assess(run, lenient).granted
    for result in (Result.VIOLATED, Result.INCONCLUSIVE, Result.ERROR):
        assert not assess(campaign(GOOD[0], profile("latency", order_not_stuck=result)), lenient).granted


def test_a_profile_is_excused_by_a_missing_seam_and_by_nothing_else() -> None:
    lenient = replace(TWO, profiles=("none",), where_possible=("latency",))
    assert assess(campaign(*GOOD), lenient).granted
    assert assess(campaign(GOOD[0], left_out=(LEFT_OUT,)), lenient).granted
    no_orders = replace(LEFT_OUT, reason="the profiles before used up limits.orders")
    assert not assess(campaign(GOOD[0], left_out=(no_orders,)), lenient).granted
    assert not assess(campaign(GOOD[0]), lenient).granted
    assert not assess(campaign(GOOD[0], profile("latency", landing_bounded=Result.VIOLATED)), lenient).granted


def test_what_was_judged_nowhere_is_not_held() -> None:
    nowhere = [
        profile(name, landing_bounded=Result.HELD, order_not_stuck=Result.NOT_APPLICABLE) for name in TWO.profiles
    ]
    assert denied(campaign(*nowhere)) == [(3, "order-not-stuck was judged under no profile: it does not apply")]


def test_what_is_no_part_of_it_is_told_beside() -> None:
    found = assess(campaign(GOOD[0], profile("latency", key_scope_respected=Result.VIOLATED)), TWO)
    assert found.granted
    assert [s.guarantee for s in found.beside] == ["key-scope-respected"]
    assert found.beside[0].worst_staleness_ns == 70


def test_other_profiles_do_not_count() -> None:
    assert assess(campaign(*GOOD, profile("storm", landing_bounded=Result.VIOLATED)), TWO).granted


@pytest.mark.parametrize(
    ("run", "code", "said"),
    [
        (
            campaign(GOOD[0]),
            3,
            "the profile latency is missing in the evidence: it was not run, or is in another shard",
        ),
        (campaign(GOOD[0], left_out=(LEFT_OUT,)), 3, "the profile latency cannot run here: no seam for edge"),
        (campaign(GOOD[0], not_run=("latency",)), 3, "the profile latency was left out when the run stopped"),
        (campaign(*GOOD, GOOD[0]), 3, "the profile none is in the evidence 2 times"),
        (campaign(*GOOD, interrupted=True), 130, "the run ended early: it was interrupted"),
        (campaign(*GOOD, failure="the provider is gone"), 4, "the run ended early: the provider is gone"),
        (campaign(*GOOD, required=("storm",)), 3, "storm is required, and was not judged"),
        (campaign(*GOOD, subject="integration"), 2, "a certificate is about a provider"),
        (campaign(*GOOD, target="emulator"), 2, "the emulator is Ackord's own service"),
        (campaign(GOOD[0], profile("latency", False, **HELD)), 3, "the profile latency did not come to its end"),
        (campaign(GOOD[0], replace(GOOD[1], cut_short="it hung\n  mend")), 3, "did not come to its end: it hung"),
        (campaign(GOOD[0], profile("latency", options={"inject": False}, **HELD)), 3, "announced and not made"),
        (campaign(GOOD[0], profile("latency", options={"contract_not_kept": "a secret"}, **HELD)), 2, "a secret"),
    ],
)
def test_a_run_that_is_not_whole_earns_nothing(run: CampaignResult, code: int, said: str) -> None:
    found = denied(run)
    assert [c for c, sentence in found if said in sentence] == [code], found


def test_the_highest_level_is_that_of_all_that_are_earned() -> None:
    def earned(name: str) -> CampaignResult:
        level = LEVELS.get(name)
        held = {g.replace("-", "_"): Result.HELD for g in level.must}
        return campaign(*(profile(p, **held) for p in level.every_profile))

    assert [highest_level(earned(level.name)) for level in LEVELS] == list(LEVELS)
    assert highest_level(campaign(*GOOD)) is None


def test_the_gravest_reason_decides() -> None:
    def codes(*found: int) -> int:
        return gravest(Denial(code, "x") for code in found)

    assert [codes(), codes(3, 4), codes(4, 2), codes(3, 1, 2), codes(1, 130)] == [0, 4, 2, 1, 130]

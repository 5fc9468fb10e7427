"""A campaign's result: the worst of its profiles, and never a pass where something is in doubt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ackord.core.history import History
from ackord.core.result import CampaignResult, campaign_of
from ackord.core.verdict import Result

from ..guarantees.build import history as told
from ..guarantees.build import order
from ..report.build import VISIBLE, campaign, judged, left_out, profile

HELD = profile("a", judged())
BROKEN = profile("b", judged(result=Result.VIOLATED))


@pytest.mark.parametrize(
    ("result", "worst", "exit_code"),
    [
        (campaign(HELD), Result.HELD, 0),
        (campaign(HELD, BROKEN), Result.VIOLATED, 1),
        (campaign(), Result.INCONCLUSIVE, 3),
        (campaign(HELD, required=("a", VISIBLE)), Result.HELD, 0),
        (campaign(HELD, required=("c",)), Result.INCONCLUSIVE, 3),
        (campaign(HELD, failure="the provider is gone"), Result.INCONCLUSIVE, 4),
        (campaign(HELD, BROKEN, failure="the provider is gone"), Result.VIOLATED, 4),
        (campaign(HELD, interrupted=True), Result.INCONCLUSIVE, 130),
        (campaign(HELD, BROKEN, interrupted=True), Result.VIOLATED, 130),
        (campaign(HELD, left_out=(left_out(),)), Result.HELD, 0),
    ],
)
def test_the_worst_wins_and_a_doubt_is_no_pass(result: CampaignResult, worst: Result, exit_code: int) -> None:
    assert (result.result, result.exit_code) == (worst, exit_code)


def test_doubts_are_sentences_with_their_reason() -> None:
    result = campaign(
        HELD, failure="the provider is gone.\n  mend: start it", left_out=(left_out(),), required=("replica-lag", "x")
    )
    assert result.doubts == (
        "the run ended early: the provider is gone",
        "replica-lag is required, and cannot run here: no seam for replication",
        "x is required, and was not judged",
    )


def asked(*nodes: str, **options: object) -> History:
    """A history of a provider with the nodes a and b, of which these were asked."""
    one = order("o").submit(0, 5).query(6, 7)
    names = iter(nodes * len(one.events))
    one.events = [e._replace(node=next(names)) if hasattr(e, "node") else e for e in one.events]
    return told(one, options=options or {"nodes": ["a", "b"]})


def test_a_declared_node_that_no_profile_asked_is_a_doubt() -> None:
    only_a = replace(HELD, history=asked("a"))
    assert campaign(only_a).doubts == ("node b of the contract was never asked, so nothing is known of it",)
    assert campaign(only_a).result is Result.INCONCLUSIVE
    both = campaign(only_a, replace(HELD, profile="c", history=asked("b")))
    assert (both.doubts, both.result) == ((), Result.HELD)


def with_hosts(*nodes: str, **hosts: list[str]) -> CampaignResult:
    return campaign(replace(HELD, history=asked(*nodes, hosts=hosts)))


def test_a_host_that_no_request_names_or_that_was_never_asked_is_a_doubt() -> None:
    spare = with_hosts("a", a=["query"], spare=[])
    assert spare.doubts == ("host spare of the contract is named by no request, so nothing is known of it",)
    silent = with_hosts("", queries=["query"])
    assert silent.doubts == ("host queries of the contract (query) was never asked, so nothing is known of it",)
    assert {spare.result, silent.result} == {Result.INCONCLUSIVE}
    fine = with_hosts("a", a=["query"])
    assert (fine.unasked, fine.result) == ((), Result.HELD)


def test_a_host_for_what_no_run_must_do_is_told_and_is_no_doubt() -> None:
    result = with_hosts("", bills=["statement"], cancels=["cancel"])
    assert [u.name for u in result.unasked] == ["bills", "cancels"]
    assert (result.doubts, result.result) == ((), Result.HELD)


def test_a_host_for_tokens_was_asked_if_anything_was() -> None:
    assert with_hosts("", tokens=["prerequisites"]).unasked == ()
    assert [u.name for u in with_hosts("", money=["ledger"]).unasked] == ["money"]


def test_results_together_are_as_their_headers_describe_them() -> None:
    one = replace(HELD, history=asked("a", target="http://127.0.0.1:1", flaw="f", budget="quick"), elapsed_ns=3)
    both = campaign_of([one, replace(one, profile="b", elapsed_ns=4)], "out")
    header = one.history.header
    assert (both.contract, both.subject, both.seed) == (header.contract, header.subject, header.seed)
    assert (both.target, both.flaw, both.budget, both.out) == ("http://127.0.0.1:1", "f", "quick", "out")
    assert (both.elapsed_ns, [p.profile for p in both.profiles], both.result) == (7, ["a", "b"], Result.HELD)

"""Rules: which faults hit which request, and that it depends on names alone."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.chaos.faults.edge import edge_faults
from ackord.chaos.faults.edge_actions import DelayRequest, LoseAnswer, SendCopies
from ackord.chaos.faults.edge_views import RequestView
from ackord.chaos.gateway.identity import RequestIdentity, read_identity
from ackord.chaos.gateway.rules import RequestFaults, RuleSet
from ackord.core.clock import MS
from ackord.core.seed import Seed
from ackord.errors import UsageError

QUERY_FAULTS = sorted(name for name, fault in edge_faults().items() if fault.queries_only)


def who(operation: str = "submit", ordinal: int = 1, attempt: int = 1) -> RequestIdentity:
    return read_identity({"ackord-op": "9", "ackord-key": f"{operation}/{ordinal}/{attempt}"}, 500)


def plan(
    *rules: dict[str, Any], of: RequestIdentity | None = None, node: str = "A", seed: int = 1
) -> RequestFaults | None:
    return RuleSet(seed, rules).plan(of or who(), node)


def rule(fault: str, share: float = 1.0, match: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
    return {"fault": fault, "share": share, "match": match or {}, "params": params}


NEEDED: dict[str, dict[str, Any]] = {"latency": {"ms": 1}}
"""Parameters without a default."""


def test_no_rules_no_plan() -> None:
    assert plan() is None
    assert plan(rule("reset", share=0)) is None


@pytest.mark.parametrize("fault", edge_faults())
def test_every_fault_can_be_asked_for_with_its_defaults(fault: str) -> None:
    of = who("query" if fault in QUERY_FAULTS else "submit")
    found = plan(rule(fault, **NEEDED.get(fault, {})), of=of)
    assert found is not None
    assert found.faults == [fault]


def test_latency_and_copies_go_with_anything_but_only_one_fate_counts() -> None:
    found = plan(
        rule("latency", ms=5),
        rule("lost-answer", mode="hang"),
        rule("duplicate-delivery", copies=2, delay_ms=3),
        rule("reset"),
        rule("latency", ms=50),
    )
    assert found is not None
    assert found.faults == ["latency", "lost-answer", "duplicate-delivery"]
    assert found.terminal is not None
    assert found.terminal.name == "lost-answer"
    assert [action for _, action in found.actions.values()] == [
        DelayRequest(5 * MS, detail={"ms": 5}),
        LoseAnswer("hang", detail={"mode": "hang"}),
        SendCopies(2, 3 * MS, "after-request"),
    ]


@pytest.mark.parametrize(
    ("match", "identity", "node", "hit"),
    [
        ({"operation": ["submit", "query"]}, who("query"), "A", True),
        ({"operation": ["submit"]}, who("query"), "A", False),
        ({"attempt": [1]}, who(attempt=1), "A", True),
        ({"attempt": [1]}, who(attempt=2), "A", False),
        ({"order": [3, 4]}, who(ordinal=4), "A", True),
        ({"order": [3, 4]}, who(ordinal=5), "A", False),
        ({"node": ["B"]}, who(), "B", True),
        ({"node": ["B"]}, who(), "A", False),
        ({"operation": ["submit"], "attempt": [2]}, who(), "A", False),
        ({"operation": []}, who(), "A", True),
        ({"operation": ["submit"]}, read_identity(None, 1), "A", False),
        ({"order": [1]}, read_identity(None, 1), "A", False),
        ({"node": ["A"]}, read_identity(None, 1), "A", True),
        ({}, read_identity(None, 1), "A", True),
    ],
)
def test_matching(match: dict[str, Any], identity: RequestIdentity, node: str, hit: bool) -> None:
    assert (plan(rule("reset", match=match), of=identity, node=node) is not None) is hit


def test_the_share_is_decided_by_the_name_of_the_request_alone() -> None:
    rules = RuleSet(77, [rule("lost-answer", share=0.3)])
    hits = [rules.plan(who(ordinal=i), "A") is not None for i in range(1000)]
    again = RuleSet(77, [rule("latency", share=0.9, ms=1), rule("lost-answer", share=0.3)])
    later = [again.plan(who(ordinal=i), "B") for i in reversed(range(1000))][::-1]
    assert hits == [found is not None and "lost-answer" in found.faults for found in later]
    assert hits == [Seed(77).hits(0.3, "lost-answer", i, "submit", 1) for i in range(1000)]
    assert 230 < sum(hits) < 370
    assert hits != [
        RuleSet(78, [rule("lost-answer", share=0.3)]).plan(who(ordinal=i), "A") is not None for i in range(1000)
    ]


def test_jitter_is_keyed_and_bounded() -> None:
    rules = RuleSet(5, [rule("latency", ms=10, jitter_ms=4)])

    def delays_of(ordinals: range) -> list[int]:
        plans = [rules.plan(who(ordinal=i), "A") for i in ordinals]
        return [delay[1].delay_ns for found in plans if found and (delay := found.find(DelayRequest))]

    delays = delays_of(range(200))
    assert len(delays) == 200
    assert min(delays) >= 6 * MS
    assert max(delays) <= 14 * MS
    assert max(delays) - min(delays) > 6 * MS
    assert delays[::-1] == delays_of(range(199, -1, -1))


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ({"fault": "latncy"}, 'Did you mean "latency"'),
        ({"fault": "latency", "params": {"mss": 5}}, "mss"),
        ({"fault": "latency"}, '"ms" is missing'),
        ({"fault": "late-answer", "params": {"ms": 600_001}}, '"ms" cannot be used .got 600001'),
        ({"fault": "latency", "params": {"ms": -5}}, "ms"),
        ({"fault": "latency", "params": {"ms": "5"}}, "ms"),
        ({"fault": "reset", "share": 2}, "share"),
        ({"fault": "reset", "share": True, "extra": 1}, "extra"),
        ({"fault": "reset", "match": {"operations": ["submit"]}}, 'Did you mean "operation"'),
        ({"fault": "lost-answer", "params": {"mode": "vanish"}}, "mode"),
        ({"fault": "duplicate-delivery", "params": {"copies": 0}}, "copies"),
        ({"fault": "error-substitution", "params": {"status": 99}}, "status"),
        ({"fault": "error-substitution", "params": {"page": "akamai"}}, "page"),
        ({"fault": "error-substitution", "params": {"forward": 1}}, "forward"),
        ({"fault": "redirect", "params": {"status": 304}}, "status"),
        ({"fault": "reordered-queries", "params": {"size": 1}}, "size"),
        ({"fault": "slow-body", "params": {"bytes_per_s": 0}}, "bytes_per_s"),
        ({"fault": "slow-body", "params": {"bytes_per_s": float("nan")}}, "bytes_per_s"),
        ({"fault": "truncated-body", "params": {"part": 1}}, "part"),
        ({"fault": "truncated-body", "params": {"bytes": True}}, "bytes"),
        ({"fault": "stale-answer", "params": {"behind": 1, "lag_ms": 5}}, "one of them"),
        ({"fault": "stale-answer", "params": {"behind": 1, "not_found": True}}, "neither lag_ms nor not_found"),
        ({"fault": "reset", "share": True}, "share"),
        ({"fault": "reset", "limits": {"frist": 1}}, 'Did you mean "first"'),
        ({"fault": "reset", "limits": {"quota": 0}}, "quota"),
        ({"fault": "reset", "limits": {"every": 2.0}}, "every"),
        ({"fault": "reset", "schedule": {"for": 5}}, "for_ms"),
        ({"fault": "reset", "schedule": {"for_ms": -5}}, "for_ms"),
        ({"fault": "reset", "schedule": {"every_ms": 100}}, "every_ms"),
        ({"fault": "reset", "schedule": {"every_ms": 0, "for_ms": 0}}, "every_ms"),
        ({"fault": "reset", "schedule": {"for_ms": 100, "every_ms": 50}}, "every_ms"),
        ({"fault": "reset", "schedule": {"armed_ns": 1.5}}, "armed_ns"),
        ({"fault": "reset", "match": {"operation": "submit"}}, "list"),
        ({"fault": "reset", "match": {"order": [None]}}, "names or whole numbers"),
        ({"fault": "reset", "match": {"header": {"a": 1}}}, "header.a"),
        ({"fault": "reset", "match": {"header": ["a"]}}, "object"),
        ({"fault": "reset", "match": {"body": {"a.b": 1}}}, "starts with"),
        ({"fault": "reset", "match": {"body": {"$.a": [1]}}}, "text, a number"),
        ({"fault": "reset", "params": []}, "params"),
        ({"fault": "reset", "match": "submit"}, "match"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(bad: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        RuleSet(1, [bad])


# -- schedule ----------------------------------------------------------------------------------------------------------


def hits(rules: RuleSet, at_ms: float, orders: int = 300) -> set[int]:
    return {i for i in range(orders) if rules.plan(who(ordinal=i), "A", round(at_ms * MS)) is not None}


def test_outside_its_schedule_a_rule_does_not_exist() -> None:
    times = {"after_ms": 100, "for_ms": 50, "every_ms": 200, "armed_ns": 1000 * MS}
    rules = RuleSet(1, [rule("reset") | {"schedule": times}])
    on = {at for at in range(900, 1500, 10) if rules.plan(who(), "A", at * MS) is not None}
    assert on == {*range(1100, 1150, 10), *range(1300, 1350, 10)}


def test_a_ramp_hits_more_orders_and_keeps_those_that_it_hits() -> None:
    rules = RuleSet(1, [rule("reset", share=0.8) | {"schedule": {"ramp_ms": 1000, "armed_ns": 0}}])
    waves = [hits(rules, at_ms) for at_ms in (0, 250, 500, 1000, 5000)]
    assert waves[0] == set()
    assert all(less < more for less, more in itertools.pairwise(waves[:4]))
    assert waves[3] == waves[4] == hits(RuleSet(1, [rule("reset", share=0.8)]), 0)


# -- limits ------------------------------------------------------------------------------------------------------------


def test_first_counts_the_attempts_of_each_order_and_operation() -> None:
    rules = RuleSet(1, [rule("reset") | {"limits": {"first": 2}}])
    hit = [
        (o, op, a) for o in (5, 6) for op in ("submit", "query") for a in (3, 2, 1) if rules.plan(who(op, o, a), "A")
    ]
    assert hit == [(o, op, a) for o in (5, 6) for op in ("submit", "query") for a in (2, 1)]


def test_first_counts_the_requests_of_foreign_merchants() -> None:
    rules = RuleSet(1, [rule("reset", match={"node": ["A"]}) | {"limits": {"first": 2}}])
    foreign = [read_identity(None, arrival) for arrival in range(1, 6)]
    assert [rules.plan(each, node) is not None for each, node in zip(foreign, "BAAAB", strict=True)] == [
        False, True, True, False, False,
    ]  # fmt: skip


def test_every_is_a_matter_of_the_ordinal_and_the_seed() -> None:
    hit = [hits(RuleSet(seed, [rule("reset") | {"limits": {"every": 4}}]), 0, 40) for seed in range(30)]
    assert all({b - a for a, b in zip(sorted(each), sorted(each)[1:], strict=False)} == {4} for each in hit)
    assert {min(each) for each in hit} == {0, 1, 2, 3}, "the seed says with which it begins"


def test_a_quota_counts_what_hits_and_goes_on_with_a_rule_that_stays() -> None:
    mine = rule("reset", share=0.5) | {"limits": {"quota": 3}}
    rules = RuleSet(1, [mine])
    sharp = [i for i in range(100) if RuleSet(1, [rule("reset", share=0.5)]).plan(who(ordinal=i), "A")]
    assert sorted(hits(rules, 0)) == sharp[:3]
    more = RuleSet(1, [rule("latency", ms=1), mine], rules)
    assert all(found.faults == ["latency"] for i in sharp if (found := more.plan(who(ordinal=i), "A")))
    without = RuleSet(1, [], more)
    assert sorted(hits(RuleSet(1, [mine], without), 0)) == sharp[:3], "armed anew, it counts anew"


def test_a_rule_that_another_one_forestalls_spends_nothing() -> None:
    mine = rule("reset") | {"limits": {"quota": 1}}
    rules = RuleSet(1, [rule("lost-answer", match={"order": [1]}), mine])
    found = [rules.plan(who(ordinal=i), "A") for i in (1, 2, 3)]
    assert [plan and plan.faults for plan in found] == [["lost-answer"], ["reset"], None]


# -- queries, and what a request shows ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", QUERY_FAULTS)
def test_faults_of_queries_hit_nothing_else(fault: str) -> None:
    get, post = (RequestView(method, "/", list, lambda: None) for method in ("GET", "POST"))
    rules = RuleSet(1, [rule(fault, **NEEDED.get(fault, {}))])
    assert rules.plan(who("query"), "A", 0, lambda: post) is not None, "our own clients say what it is"
    assert rules.plan(who("submit"), "A", 0, lambda: get) is None
    assert rules.plan(read_identity(None, 1), "A", 0, lambda: get) is not None
    assert rules.plan(read_identity(None, 1), "A", 0, lambda: post) is None
    with pytest.raises(UsageError, match="this is none"):
        RuleSet(1, []).plan(who()._replace(inject=fault), "A", 0, lambda: post)


def test_a_fault_that_is_asked_for_comes_before_the_rules() -> None:
    found = RuleSet(1, [rule("reset"), rule("latency", ms=1)]).plan(who()._replace(inject="lost-answer"), "A")
    assert found is not None
    assert found.terminal is not None
    assert (found.terminal.name, found.faults) == ("lost-answer", ["lost-answer", "latency"])
    with pytest.raises(UsageError, match="lost-answer"):
        RuleSet(1, []).plan(who()._replace(inject="lost-anwser"), "A")


# -- for all rules and requests ----------------------------------------------------------------------------------------

MS_VALUES = st.sampled_from([0, 1, 50, 1000])
SCHEDULES = st.fixed_dictionaries(
    {}, optional={"after_ms": MS_VALUES, "ramp_ms": MS_VALUES, "for_ms": MS_VALUES, "armed_ns": st.integers(0, 10**9)}
).flatmap(
    lambda s: (
        st.just(s)
        | st.integers(1, 2000).map(
            lambda e: {**s, "every_ms": max(e, s.get("for_ms", 5)), "for_ms": s.get("for_ms", 5)}
        )
    )
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=5)
CONDITIONS = {
    "operation": st.lists(st.sampled_from(["submit", "query"]), min_size=1),
    "attempt": st.lists(st.integers(1, 3), min_size=2),
    "order": st.lists(st.integers(1, 6), min_size=4),
    "node": st.lists(st.sampled_from("AB"), min_size=1),
    "header": st.sampled_from([{"A": "b"}, {"a": "?"}, {"a": "[b]"}, {}])
    | st.dictionaries(st.text(), st.text("ab*?[]")),
    "body": st.sampled_from([{"$.a[0].b": 1}, {"$.a[0].b": "1"}, {}])
    | st.dictionaries(st.sampled_from(["$", "$.a", "$['x y']"]), SCALARS),
}
MATCHES = st.sampled_from(sorted(CONDITIONS)).flatmap(
    lambda name: st.fixed_dictionaries(
        {name: CONDITIONS[name]}, optional={k: v for k, v in CONDITIONS.items() if k != name}
    )
)
RULES = st.fixed_dictionaries(
    {"fault": st.sampled_from(sorted(edge_faults()))},
    optional={
        "share": st.floats(0, 1),
        "match": MATCHES,
        "limits": st.dictionaries(st.sampled_from(["first", "every"]), st.integers(1, 4)),
        "schedule": SCHEDULES,
    },
)


def with_params(rule: dict[str, Any]) -> dict[str, Any]:
    return {**rule, "params": NEEDED.get(rule["fault"], {})}


BODIES = (
    st.none()
    | st.binary(max_size=20)
    | st.sampled_from([b"[" * 100_000, b'{"a": [{"b": 1}]}', b'{"a": [{"b": 1}]}', b"1" * 5000, b'"\\ud800"'])
)
IDENTITIES = st.builds(who, st.sampled_from(["submit", "query"]), st.integers(1, 6), st.integers(1, 3)) | st.builds(
    read_identity, st.none(), st.integers(1, 20)
)
REQUESTS = st.tuples(
    IDENTITIES,
    st.sampled_from("AB"),
    st.integers(-(10**9), 10**10),
    st.builds(lambda body: lambda: RequestView("GET", "/", lambda: [("a", "b")], lambda: body), BODIES),
)


def decided(plan: RequestFaults | None) -> Any:
    return plan and (plan.faults, [action for _, action in plan.actions.values()])


@settings(deadline=None)
@given(
    st.integers(0, 9),
    st.lists(RULES.map(with_params), max_size=5),
    st.lists(REQUESTS, max_size=8),
    st.randoms(use_true_random=False),
)
def test_planning_never_fails_and_depends_on_nobody_else(
    seed: int, rules: list[dict[str, Any]], requests: list[Any], chance: Any
) -> None:
    """Whatever the rules, whoever asks: no error, and for whoever has a key the same decision in any order of arrival.
    (A quota is the exception.)
    """
    keyed = [request for request in requests if request[0].key]
    first = RuleSet(seed, rules)
    plans = {id(request): first.plan(*request) for request in requests}
    chance.shuffle(keyed)
    again = RuleSet(seed, rules)
    for request in keyed:
        assert decided(again.plan(*request)) == decided(plans[id(request)])
    for plan in plans.values():
        assert plan is None or (
            plan.faults and (plan.terminal is None or plan.rules[plan.terminal.name] is plan.terminal)
        )

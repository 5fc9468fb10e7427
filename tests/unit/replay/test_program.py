"""What a scenario does, call by call."""

from __future__ import annotations

from ackord.replay.order_scenario import OrderScenario
from ackord.replay.program import compile_program, faults_to_mark

from .build import scenario


def told(of: OrderScenario) -> list[str]:
    lines = []
    for instruction in compile_program(of):
        call = instruction.call
        more = f" {call.index}" if call else f" {instruction.fault or instruction.wait_ns}"
        lines.append(instruction.do + more)
    return lines


def test_a_step_waits_for_what_is_open_and_then_for_its_time() -> None:
    of = scenario({"do": "submit"}, {"do": "query", "wait_ms": 2})
    assert told(of) == ["make 0", "begin 0", "complete 0", "wait 2000000", "make 1", "begin 1", "complete 1"]


def test_one_that_overlaps_leaves_the_others_open() -> None:
    of = scenario({"do": "submit"}, {"do": "query", "wait_ms": 2, "overlaps": True})
    assert told(of) == ["make 0", "begin 0", "wait 2000000", "make 1", "begin 1", "complete 0", "complete 1"]


def test_a_held_query_is_begun_before_its_submit() -> None:
    of = scenario(
        {"do": "submit"},
        {"do": "query", "held": "until-acknowledged"},
        {"do": "query", "held": "until-acknowledged"},
        {"do": "query"},
    )
    assert told(of)[:6] == ["make 0", "make 1", "make 2", "begin 1", "begin 2", "begin 0"]
    assert told(of)[6:9] == ["complete 0", "complete 1", "complete 2"]


def test_a_held_query_without_its_submit_is_not_held() -> None:
    of = scenario({"do": "query", "held": "until-acknowledged"})
    assert told(of) == ["make 0", "begin 0", "complete 0"]
    of = scenario({"do": "submit"}, {"do": "query"}, {"do": "query", "held": "until-acknowledged"})
    assert told(of)[-3:] == ["make 2", "begin 2", "complete 2"]


def test_submits_that_are_held_together_know_how_many_they_are() -> None:
    together = {"do": "submit", "held": "until-all-sent"}
    of = scenario(together, together, {"do": "query"}, together, together, together)
    calls = [i.call for i in compile_program(of) if i.do == "make" and i.call is not None]
    assert [(call.barrier, call.group) for call in calls] == [(2, 1), (2, 1), (0, 0), (3, 2), (3, 2), (3, 2)]
    assert [i.do for i in compile_program(of)][:4] == ["make", "begin", "make", "begin"], "before any is completed"


def test_one_alone_waits_for_nobody() -> None:
    (call,) = [i.call for i in compile_program(scenario({"do": "submit", "held": "until-all-sent"})) if i.do == "make"]
    assert call is not None
    assert call.barrier == 0


def test_faults_of_one_operation_match_it_alone() -> None:
    lost = {"fault": "lost-answer"}
    of = scenario(
        {"do": "arm", "fault": "replication-cut"},
        {"do": "submit", "faults": [lost]},
        {"do": "query"},
        {"do": "submit"},
        {"do": "submit", "faults": [{"fault": "latency", "ms": 5}]},
        {"do": "query", "faults": [lost]},
        {"do": "submit", "account": "other", "faults": [lost]},
        faults=({"fault": "replication-cut"},),
    )
    assert faults_to_mark(of) == [
        {"fault": "replication-cut"},
        {"fault": "lost-answer", "match": {"operation": ["submit"], "attempt": [1]}},
        {"fault": "latency", "ms": 5.0, "match": {"operation": ["resubmit"], "attempt": [3]}},
        {"fault": "lost-answer", "match": {"operation": ["query"], "attempt": [2]}},
        {"fault": "lost-answer", "match": {"operation": ["resubmit"], "attempt": [4]}},
    ]
    assert told(of)[:3] == ["arm lost-answer", "arm latency", "arm replication-cut"]

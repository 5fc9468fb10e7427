"""Memory: which earlier answer is given again, and that it is bounded."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.chaos.gateway.response_history import ResponseHistory
from ackord.core.clock import MS


def earlier(memory: ResponseHistory, now_ms: float, name: str = "q", **params: Any) -> str | None:
    lag_ms = params.get("lag_ms")
    found = memory.earlier(name, round(now_ms * MS), params.get("behind"), None if lag_ms is None else lag_ms * MS)
    return found and found.original


@pytest.mark.parametrize(
    ("params", "given"),
    [
        ({}, "c"),
        ({"behind": 1}, "c"),
        ({"behind": 3}, "a"),
        ({"behind": 4}, None),
        ({"lag_ms": 0}, "c"),
        ({"lag_ms": 15}, "b"),
        ({"lag_ms": 20}, "b"),
        ({"lag_ms": 21}, "a"),
        ({"lag_ms": 500}, "a"),
    ],
)
def test_the_answer_that_is_given_again(params: dict[str, Any], given: str | None) -> None:
    memory: ResponseHistory = ResponseHistory()
    for at_ms, answer in ((10, "a"), (20, "b"), (30, "c"), (40, "d")):
        memory.remember("q", at_ms * MS, 200, b"", answer)
    assert earlier(memory, 40, **params) == given
    assert earlier(memory, 40, "another", **params) is None


def test_there_is_nothing_before_the_first_answer() -> None:
    memory: ResponseHistory = ResponseHistory()
    assert earlier(memory, 5, lag_ms=1) is None
    memory.remember("q", 1, 200, b"", "a")
    assert earlier(memory, 5, lag_ms=1) is None


def test_the_next_acknowledgement_of_any_order() -> None:
    memory = ResponseHistory()
    assert memory.next_acknowledgement_ns(0) is None
    for order, at_ns in (("a", 100), (2, 140), ("a", 150)):
        memory.acknowledge(order, at_ns)
    assert [memory.next_acknowledgement_ns(since_ns) for since_ns in (0, 100, 101, 141)] == [100, 100, 140, None]
    memory.forget()
    assert memory.next_acknowledgement_ns(0) is None


def test_an_order_is_hidden_from_its_acknowledgement_on() -> None:
    memory: ResponseHistory = ResponseHistory()
    assert not memory.hides("q", 1, 100, 50)
    memory.acknowledge(1, 100)
    memory.acknowledge(1, 140)
    assert memory.hides("q", 1, 149, 50), "the first acknowledgement counts"
    assert not memory.hides("q", 1, 150, 50)
    assert not memory.hides("q", 2, 149, 50)
    memory.remember("q", 200, 404, b"", "")
    assert not memory.hides("q", None, 201, 50)
    memory.remember("q", 210, 200, b"", "")
    memory.remember("q", 230, 200, b"", "")
    assert memory.hides("q", None, 259, 50)
    assert not memory.hides("q", None, 260, 50)


def test_memory_is_bounded_in_answers_queries_and_bytes() -> None:
    memory: ResponseHistory = ResponseHistory()
    for i in range(200):
        memory.remember("q", i, 200, b"x" * 10, i)
    found = memory.earlier("q", 200, 64, None)
    assert found is not None
    assert found.original == 199 - 64
    assert len(memory._answers["q"]) == 65
    megabyte = bytes(1 << 20)
    for i in range(6000):
        memory.remember(i, i, 200, megabyte, i)
        memory.acknowledge(i, i)
    assert len(memory._answers) <= 33
    assert len(memory._acknowledged_ns) == len(memory._shown_ns) == 4096
    assert memory._bytes == sum(len(each.body) for answers in memory._answers.values() for each in answers)
    memory.forget()
    assert earlier(ResponseHistory(), 1) is None
    assert memory.earlier(5999, 9999, None, None) is None

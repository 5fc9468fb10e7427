"""Holds: who is let go when, and in which order."""

from __future__ import annotations

from collections.abc import Callable

from ackord.chaos.gateway.barriers import Barriers


class Requests:
    """Named requests that note when they are let go."""

    def __init__(self) -> None:
        self.gone: list[str] = []

    def __getitem__(self, name: str) -> Callable[[], None]:
        def release() -> None:
            self.gone.append(name)

        return release


def test_a_token_lets_go_all_that_wait_for_it_in_their_order() -> None:
    holds, r = Barriers(), Requests()
    for name in "abc":
        holds.wait("t", r[name])
    holds.wait("other", r["x"])
    holds.complete("t")
    assert r.gone == ["a", "b", "c"]
    assert holds.held == 1


def test_a_token_that_has_happened_already_lets_go_at_once() -> None:
    holds, r = Barriers(), Requests()
    holds.complete("t")
    holds.wait("t", r["a"])
    assert r.gone == ["a"]
    assert holds.held == 0


def test_only_the_latest_tokens_are_remembered() -> None:
    holds, r = Barriers(tokens_remembered=2), Requests()
    for token in ("t1", "t2", "t1", "t3"):
        holds.complete(token)
    for token in ("t1", "t2", "t3"):
        holds.wait(token, r[token])
    assert r.gone == ["t1", "t3"]


def test_a_barrier_lets_all_go_when_it_is_full_and_starts_anew() -> None:
    holds, r = Barriers(), Requests()
    holds.join("g", 3, r["a"])
    holds.join("h", 2, r["other"])
    holds.join("g", 3, r["b"])
    assert r.gone == []
    holds.join("g", 3, r["c"])
    assert r.gone == ["a", "b", "c"]
    holds.join("g", 3, r["d"])
    assert r.gone == ["a", "b", "c"]
    assert holds.held == 2


def test_whoever_leaves_is_not_counted_and_not_let_go() -> None:
    holds, r = Barriers(), Requests()
    a, b, c = r["a"], r["b"], r["c"]
    holds.join("g", 2, a)
    holds.leave("g", a)
    holds.join("g", 2, b)
    assert r.gone == []
    holds.join("g", 2, c)
    assert r.gone == ["b", "c"]
    holds.wait("t", a)
    holds.leave("t", a)
    holds.leave("t", a)
    holds.complete("t")
    assert r.gone == ["b", "c"]
    assert holds.held == 0

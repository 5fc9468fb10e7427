"""Views of the edge: each part of a request is read once, and random numbers depend on the request alone."""

from __future__ import annotations

from ackord.chaos.faults.edge_views import KeyedRandom, RequestView
from ackord.contract.base.json_path import MISSING
from ackord.core.seed import Seed


def test_headers_and_document_are_read_once_and_only_when_needed() -> None:
    read: list[str] = []

    def headers() -> list[tuple[str, str]]:
        read.append("headers")
        return [("a", "1"), ("a", "2")]

    def body() -> bytes:
        read.append("body")
        return b'{"amount": 1}'

    request = RequestView("POST", "/p", headers, body)
    assert read == []
    assert (request.header("a"), request.header("b")) == (["1", "2"], [])
    assert request.document() == request.document() == {"amount": 1}
    assert read == ["headers", "body"]


def test_a_body_that_is_no_json_has_no_document() -> None:
    for body in (None, b"", b"<xml/>", b"[" * 100_000):
        request = RequestView("POST", "/p", list, lambda body=body: body)  # type: ignore[misc]
        assert request.document() is MISSING
        assert request.body() == body


def test_random_numbers_are_keyed_by_the_request() -> None:
    one, again = (KeyedRandom(Seed(1), 4, "submit", 1) for _ in range(2))
    others = [KeyedRandom(Seed(2), 4, "submit", 1), KeyedRandom(Seed(1), 5, "submit", 1), one._replace(attempt=2)]
    assert one.between(0, 1, "jitter") == again.between(0, 1, "jitter") != one.between(0, 1, "rank")
    assert len({each.bits("rank") for each in (one, again, *others)}) == 4

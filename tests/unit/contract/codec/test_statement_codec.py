"""A statement is asked for as the contract says; its file is fetched from the provider alone; contracts that make no
sense are refused.
"""

from __future__ import annotations

from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpResponse
from ackord.contract.codec.codec import RequestRenderError, compile_contract
from ackord.contract.spec.model import Contract

from ..stating import CSV, JSON, NAMES, ORIGIN, PERIOD, REQUEST, TWO_STEPS, problem_with, small, where
from ..support import SMALL, document


def test_pages_of_a_statement_are_found_in_one_way_and_only_in_json() -> None:
    counted = {"by": "row"}
    assert "found by next already" in problem_with({**JSON, "next": "$.next", "counted": counted})
    assert "a file has no pages" in problem_with({**CSV, "counted": counted})
    unsaid = {"method": "GET", "path": "/bills", "query": {"day": "${period.from:%Y%m%d}"}}
    assert "does not say which page" in problem_with({**JSON, "request": unsaid, "counted": counted})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"time_form": "unix"}, "no column says when money moved"),
        ({"columns": {**NAMES, "at": "When"}, "time_form": "%H:%M"}, "is no format of strptime that tells the day"),
        ({"columns": {**NAMES, "at": "When"}, "time_form": "%Y-%m-%d %"}, "is no format of strptime"),
        ({"columns": {**NAMES, "at": "When"}, "time_form": "seconds"}, "is no format of strptime"),
        ({"columns": {**NAMES, "at": "When"}, "time_form": "%Y-%m-%d|CET"}, "'CET' is no zone"),
    ],
)
def test_a_time_s_form_that_makes_no_sense_is_refused(change: dict[str, Any], words: str) -> None:
    assert words in problem_with({**CSV, **change})


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        (f"{ORIGIN}/f/1?token=a%20b#part", ORIGIN, "/f/1?token=a%20b"),
        ("/f/1?x=1", ORIGIN, "/f/1?x=1"),
        ("https://Pay.example/f", "https://pay.example", "/f"),
        ("https://pay.example:443/f", "https://pay.example", "/f"),
        (ORIGIN, ORIGIN, "/"),
        ("//127.0.0.1:8080/f", ORIGIN, "/f"),
    ],
)
def test_a_file_of_the_provider_is_fetched(url: str, origin: str, target: str) -> None:
    file = small(TWO_STEPS).statement_file(where(url), origin)
    assert file is not None and file.request is not None
    assert (file.request.method, file.request.target, file.request.body) == ("GET", target, b"")
    assert ("authorization", "Bearer sk_main") in file.request.headers
    unsigned = small({**TWO_STEPS, "download_signed": False}).statement_file(where(url), origin)
    assert unsigned is not None and unsigned.request is not None
    assert [name for name, _ in unsigned.request.headers] == ["accept"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8081/f", "https://127.0.0.1:8080/f", "http://localhost:8080/f", "http://10.0.0.1:8080/f",
        "//evil.example/f", "http://127.0.0.1:8080@evil.example/f", "http://me@127.0.0.1:8080/f", "ftp://127.0.0.1:8080/f",
        "file:///etc/passwd", "http://127.0.0.1:99999/f", "http://[::1", "javascript:1", "/a b", "/a\r\nx: y", "/é",
        "/" + "x" * 5000, "", None, 7, ["/f"],
    ],
)  # fmt: skip
def test_a_file_anywhere_else_is_not(url: Any) -> None:
    file = small(TWO_STEPS).statement_file(where(url), ORIGIN)
    assert file is not None and file.request is None
    assert file.problem.startswith("the statement's file cannot be fetched: ")


ELSEWHERE = {**TWO_STEPS, "download_hosts": ["https://files.example", "http://127.0.0.1:9090"]}


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("https://files.example/f?x=1", "https://files.example", "/f?x=1"),
        ("https://FILES.example:443/f", "https://files.example", "/f"),
        ("http://127.0.0.1:9090/f", "http://127.0.0.1:9090", "/f"),
        ("/f", "", "/f"),
    ],
)
def test_a_file_at_a_declared_host_is_fetched_and_that_is_not_signed(url: str, origin: str, target: str) -> None:
    for signed in (False, True):
        file = small({**ELSEWHERE, "download_hosts_signed": signed}).statement_file(where(url), ORIGIN)
        assert file is not None and file.request is not None
        assert (file.origin, file.request.target) == (origin, target)
        shown = ("authorization", "Bearer sk_main") in file.request.headers
        assert shown is (signed or not origin), "credentials go where the contract sends them, and nowhere else"


@pytest.mark.parametrize(
    "url",
    [
        "http://files.example/f", "https://files.example:8443/f", "https://www.files.example/f", "https://files.example.evil/f",
        "https://me@files.example/f", "http://127.0.0.1:9091/f", "https://evil.example/https://files.example",
    ],
)  # fmt: skip
def test_a_file_near_a_declared_host_is_not(url: str) -> None:
    file = small(ELSEWHERE).statement_file(where(url), ORIGIN)
    assert file is not None and file.request is None
    assert "on another machine" in file.problem


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"download_hosts": ["http://files.example"]}, "https, or http on this machine"),
        ({"download_hosts": ["https://files.example/"]}, "an origin without user and path"),
        ({"download_hosts": ["https://me@files.example"]}, "an origin without user and path"),
        ({"download_hosts": ["https://files.example?x"]}, "an origin without user and path"),
        ({"download_hosts": ["files.example"]}, "an origin without user and path"),
        ({"download_hosts": ["https://files.example:99999"]}, "Port out of range"),
        ({"download_hosts": ["https://files.example"], "download": None, "link_expires": None}, "nothing is fetched there"),
        ({"download_hosts_signed": True}, "nothing is fetched there"),
    ],
)  # fmt: skip
def test_hosts_of_files_that_make_no_sense_are_refused(change: dict[str, Any], words: str) -> None:
    assert words in problem_with({**TWO_STEPS, **change})


def test_a_file_s_request_that_cannot_be_signed_is_the_contract_s_mistake() -> None:
    accounts = {"main": {"auth": {"wechat_v2": {"key": "emulated-key"}}}}
    with pytest.raises(
        RequestRenderError, match="a request for a file cannot be signed: only a flat XML body"
    ) as failure:
        small(TWO_STEPS, accounts=accounts).statement_file(where("/f"), ORIGIN)
    assert failure.value.path == ("statement", "download_signed")


@pytest.mark.parametrize(
    "answer", [HttpResponse(404, {}, b""), HttpResponse(200, {}, b"<html>"), HttpResponse(200, {}, b"")]
)
def test_an_answer_that_names_no_file(answer: HttpResponse) -> None:
    file = small(TWO_STEPS).statement_file(answer, ORIGIN)
    assert file is not None and file.request is None and file.problem


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rows": "$.a"}, "a statement has one form"),
        ({"next": "$.next"}, "a file has no pages"),
        ({"zip_entry": "x"}, "the file is no zip"),
        ({"columns": {"movement_id": "Id", "order_no": "No"}}, "nothing says where amount stands"),
        ({"columns": {"movement_id": "Id", "amount": "A"}}, "nothing says where order_no or provider_id stands"),
        ({"csv": {"head_rows": 0}}, "head_rows: 0 says that there is none"),
        ({"csv": {"delimiter": '"'}}, "it is the delimiter too"),
        ({"csv": {"delimiter": "\n"}}, "pattern"),
        ({"csv": None, "rows": "$.a"}, "is not a place in a JSON answer"),
    ],
)
def test_a_statement_that_makes_no_sense_is_refused(change: dict[str, Any], words: str) -> None:
    assert words in problem_with({**CSV, **change})


def test_a_statement_goes_to_a_plane_that_exists() -> None:
    assert 'there is no host "bills"' in problem_with({**CSV, "request": {**REQUEST, "host": "bills"}})


def test_a_contract_without_a_statement_says_so() -> None:
    codec = compile_contract(Contract.model_validate(document(SMALL).data))
    with pytest.raises(LookupError, match="has no statement"):
        codec.statement_page(PERIOD)

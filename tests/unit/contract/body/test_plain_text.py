"""Plain text: rules of their own read it; a proxy's page with the same status stays unreadable."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.body.plain_text import PLAIN_TEXT
from ackord.contract.codec.codec import Payment
from ackord.contract.codec.response_reader import ResponseContext
from ackord.contract.emulate.domain_requests import QueryRequest
from ackord.contract.emulate.domain_responses import Refusal, RefusalKind
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.loading.diagnosis import diagnose_interpretation
from ackord.core.operation import Observation, OperationKind
from ackord.errors import FileError

from ..support import changed, codec, loaded

OLD = "    - {when: {status: 404, $.code: NONE}, observation: NOT_FOUND}\n"
RULE = "    - {when: {status: 404, header.content-type: {regex: ^text/plain, example: text/plain}, $: {regex: no such order}}, format: text, observation: NOT_FOUND}\n"  # fmt: skip


def plain(text: str, status: int = 404, kind: str = "text/plain") -> HttpResponse:
    return HttpResponse(status, {"content-type": kind}, text.encode())


@pytest.mark.parametrize(
    ("answer", "observation"),
    [
        (plain("no such order\n"), Observation.NOT_FOUND),
        (plain("no such route"), Observation.UNREADABLE),
        (plain("<p>no such order</p>", kind="text/html"), Observation.UNREADABLE),
        (plain("no such order", 500), Observation.UNREADABLE),
        (plain('{"status": "PAID"}', 200, "application/json"), Observation.STATUS),
        (plain("no such order")._replace(truncated=True), Observation.UNREADABLE),
    ],
)
def test_a_rule_for_text(answer: HttpResponse, observation: Observation) -> None:
    assert codec(OLD, RULE).read(OperationKind.QUERY, answer).observation is observation


def test_without_a_rule_it_stays_unreadable_and_the_cause_names_the_way() -> None:
    c = codec()
    answer, context = plain("no such order"), ResponseContext("n-1", account="main")
    reading = c.read(OperationKind.QUERY, answer)
    assert reading.observation is Observation.UNREADABLE
    told = diagnose_interpretation(c, OperationKind.QUERY, answer, reading, (Observation.NOT_FOUND,), context)
    assert "format: text" in told.mend


def test_an_emulator_says_it_in_text() -> None:
    c = codec(OLD, RULE)
    emulation = ContractEmulation(c)
    request = c.query(Payment("n-1", "main", 5, "EUR", "p"))
    answer = emulation.answer(
        QueryRequest("main", "n-1"), Refusal(RefusalKind.NOT_FOUND, ""), request, TimestampNonce()
    )
    assert (answer.status, answer.body, answer.headers["content-type"]) == (404, b"no such order", "text/plain")
    assert isinstance(request, HttpRequest)


def test_a_status_alone_says_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="may come from any server on the way"):
        loaded(tmp_path, changed(OLD, "    - {when: {status: 404}, format: text, observation: NOT_FOUND}\n"))


def test_text_is_its_own_document() -> None:
    assert PLAIN_TEXT.read(plain("a")) == "a"
    assert PLAIN_TEXT.write("a") == b"a"

"""Answers that are signed together with their request are genuine at both vantages."""

from __future__ import annotations

import json

import pytest

from ackord.chaos.gateway.exchange_record import exchange_line, request_members, response_members
from ackord.contract.codec.codec import HttpResponse, Payment, RequestContext, ResponseContext
from ackord.contract.spec.auth import provider_side
from ackord.core.event import Begin, Complete
from ackord.core.history import RunHeader
from ackord.core.operation import Observation, OperationKind, Vantage
from ackord.core.promises import Promises
from ackord.record.recorder import Recorder

from ..support import codec
from .support import MOMENT

HEADER = RunHeader("x", "none", "provider", Vantage.PROVIDER, 7, Promises())

SIGNED = {
    "rfc9421": "{http_message_signatures: {algorithm: hmac-sha256, secret: s, request: ['@method'], parameters: [created],"
    " answer: ['@status', content-digest, '@method;req', '@path;req', 'x-trace;req']}}",
    "hmac": "{hmac: {secret: s, answer: {string: '${method}${target}${status}${body}', headers: {X-Sign: '${signature}'}}}}",
}


@pytest.mark.parametrize("scheme", SIGNED)
def test_an_answer_signed_with_its_request_is_genuine_at_both_vantages(scheme: str) -> None:
    signing = codec("{bearer: sk_main}", SIGNED[scheme])
    payment = Payment("A", "main", 5, "EUR", "x")
    request = signing.submit(payment, RequestContext(MOMENT))
    request = request._replace(headers=(*request.headers, ("x-trace", "t1")))
    provider = provider_side(signing.contract.accounts["main"].auth)
    answer = provider.sign(HttpResponse(200, {}, '{"status": "OPEN", "id": "é"}'.encode()), request, MOMENT)
    r = Recorder(HEADER, signing.read)
    r.next_op()
    r.add(Begin(5, Vantage.MERCHANT, 1, 0, OperationKind.SUBMIT, "main", "A", 1, "ab", 100, ""))
    line = exchange_line(
        '"merchant"', 1, 0, "submit/1/1", "A", 10, 20,
        request_members(request.method, request.target, dict(request.headers)), request.body,
        response_members(answer.status, answer.headers), answer.body, False, None, None, "complete", "",
    )  # fmt: skip
    r.chaos_event(json.loads(line))
    reading = signing.read(OperationKind.SUBMIT, answer, ResponseContext("A", None, "main", request))
    r.complete(1, 25, reading, answer)
    at_provider, at_merchant = (e for e in r.events if isinstance(e, Complete))
    assert at_merchant.observation is Observation.ACK
    assert (at_provider.observation, at_provider.detail) == (Observation.ACK, at_merchant.detail)
    assert signing.request_headers == ["*"]

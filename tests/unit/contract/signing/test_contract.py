"""Signing within a contract: requests are signed with the moment, and an answer that is not genuine proves nothing."""

from __future__ import annotations

import pytest

from ackord.chaos.gateway.exchange_record import pack_records, request_members, response_members, unpack_records
from ackord.contract.base.http_messages import HttpResponse
from ackord.contract.codec.codec import Codec, Payment, RequestContext
from ackord.contract.codec.response_reader import ResponseContext
from ackord.contract.spec.auth import provider_side
from ackord.core.event import Begin, Complete
from ackord.core.history import RunHeader
from ackord.core.operation import Observation, OperationKind, Vantage
from ackord.core.promises import Promises
from ackord.record.recorder import Recorder

from ..support import codec
from .support import MOMENT, header

PAYMENT = Payment("A1", "main", 5, "EUR", "x")
HMAC = (
    "{hmac: {secret: s, request: {string: '${method}${target}${timestamp}${body}', headers: {X-Sign: "
    "'${timestamp} ${signature}'}},"
    " answer: {string: '${status}${target}${body}', headers: {X-Sign: '${signature}'}}}}"
)
ALIPAY = "{alipay_rsa2: {app_id: '1', private_key: emulated-A, provider_key: emulated-B}}"
BODY = b'{"status": "OPEN", "id": "p1"}'


@pytest.fixture(scope="module")
def signing() -> Codec:
    return codec("{bearer: sk_main}", HMAC)


def test_a_request_is_signed_with_its_moment(signing: Codec) -> None:
    request = signing.submit(PAYMENT, RequestContext(MOMENT))
    assert header(request, "X-Sign").startswith("1700000000 ")
    assert provider_side(signing.contract.accounts["main"].auth).problem_of(request) == ""
    assert signing.submit(PAYMENT, RequestContext(MOMENT)) == request
    assert signing.submit(PAYMENT, RequestContext(MOMENT._replace(unix_s=1))) != request


def test_an_answer_that_is_not_genuine_is_unreadable(signing: Codec) -> None:
    request = signing.submit(PAYMENT, RequestContext(MOMENT))
    provider = provider_side(signing.contract.accounts["main"].auth)
    answer = provider.sign(HttpResponse(200, {}, BODY), request, MOMENT)

    def read(answer: HttpResponse, response_context: ResponseContext) -> tuple[Observation, str]:
        reading = signing.read(OperationKind.SUBMIT, answer, response_context)
        return reading.observation, reading.detail

    response_context = ResponseContext("A1", None, "main", request)
    assert read(answer, response_context)[0] is Observation.ACK
    assert read(answer._replace(body=BODY.replace(b"OPEN", b"PAID")), response_context) == (
        Observation.UNREADABLE,
        "200, not genuine: its signature is wrong",
    )
    assert (
        read(HttpResponse(200, {}, BODY), response_context)[1]
        == "200, not genuine: it is not signed: the header X-Sign is missing"
    )
    other = request._replace(target="/other")
    assert (
        read(answer, response_context._replace(request=other))[0] is Observation.UNREADABLE
    )  # an answer to something else
    assert read(HttpResponse(200, {}, BODY), ResponseContext("A1"))[0] is Observation.ACK  # nobody's keys


def test_a_body_that_a_scheme_cannot_sign_is_the_contract_s_fault() -> None:
    with pytest.raises(ValueError, match="only a form"):
        codec("{bearer: sk_main}", ALIPAY).submit(PAYMENT)


HEADER = RunHeader("x", "none", "provider", Vantage.PROVIDER, 7, Promises())
SIGNED = {
    "rfc9421": "{http_message_signatures: {algorithm: hmac-sha256, secret: s, request: ['@method'], parameters: "
    "[created],"
    " answer: ['@status', content-digest, '@method;req', '@path;req', 'x-trace;req']}}",
    "hmac": "{hmac: {secret: s, answer: {string: '${method}${target}${status}${body}', headers: {X-Sign: "
    "'${signature}'}}}}",
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
    exchange = (
        1, 0, "submit/1/1", "A", 10, 20,
        request_members(request.method, request.target, dict(request.headers)), request.body,
        response_members(answer.status, answer.headers), answer.body, False, None, None, "complete", "",
    )  # fmt: skip
    (event,) = unpack_records(pack_records("merchant", [exchange]))
    r.chaos_event(event)
    reading = signing.read(OperationKind.SUBMIT, answer, ResponseContext("A", None, "main", request))
    r.complete(1, 25, reading, answer)
    at_provider, at_merchant = (e for e in r.events if isinstance(e, Complete))
    assert at_merchant.observation is Observation.ACK
    assert (at_provider.observation, at_provider.detail) == (Observation.ACK, at_merchant.detail)
    assert signing.request_headers == ["*"]

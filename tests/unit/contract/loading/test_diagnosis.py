"""Why an answer was not read: the cause stands where it can be mended, and what came is shown."""

from __future__ import annotations

import pytest

from ackord.contract.base.http_messages import HttpResponse
from ackord.contract.codec.codec import Codec, compile_contract
from ackord.contract.codec.response_reader import ResponseContext
from ackord.contract.loading.diagnosis import Diagnosis, diagnose_interpretation
from ackord.contract.spec.model import Contract
from ackord.core.operation import Observation, OperationKind

from ..support import SMALL, codec, document

XML = """\
provider: roots
version: 1
environment: sandbox
accounts: {main: {}}
submit:
  request: {method: POST, path: /pay, xml: {pay: {no: "${order_no}", amount: "${amount.minor}"}}}
  format: xml
  answers: [{when: {status: 200, /answer/id: {exists: true}}, observation: ACK}]
  extract: {provider_id: /answer/id}
query:
  request: {method: GET, path: "/pay/${order_no}"}
  format: xml
  answers:
    - {when: {status: 200, /answer/status: {exists: true}}, observation: STATUS}
    - {when: {status: 404, /answer/code: NONE}, observation: NOT_FOUND}
  extract: {state: /answer/status}
states: {OPEN: RECEIVED, PAID: SUCCEEDED}
"""


def told(c: Codec, kind: OperationKind, answer: HttpResponse, wanted: Observation) -> Diagnosis:
    context = ResponseContext("n-1", account="main")
    return diagnose_interpretation(c, kind, answer, c.read(kind, answer, context), (wanted,), context)


def test_another_root_is_named() -> None:
    c = compile_contract(Contract.model_validate(document(XML).data))
    answer = HttpResponse(200, {}, b"<Envelope><Header/><Body/><Body/></Envelope>")
    found = told(c, OperationKind.SUBMIT, answer, Observation.ACK)
    assert "the body's root is Envelope, and it has /Envelope/Header, /Envelope/Body" in found.problem
    right = told(c, OperationKind.SUBMIT, HttpResponse(200, {}, b"<answer><ID>1</ID></answer>"), Observation.ACK)
    assert "the body's root is answer, and it has /answer/ID" in right.problem


def test_an_answer_that_is_not_genuine_is_about_keys() -> None:
    signed = SMALL.replace(
        "{bearer: sk_main}",
        '{hmac: {secret: hush-hush, answer: {string: "${body}", headers: {x-sign: "${signature}"}}}}',
    )
    c = compile_contract(Contract.model_validate(document(signed).data))
    body = b'{"id": "p", "status": "PAID"}'
    found = told(c, OperationKind.QUERY, HttpResponse(200, {"x-sign": "00"}, body), Observation.STATUS)
    assert found.path == ("accounts", "main", "auth")
    assert "not genuine: its signature is wrong" in found.problem
    assert "key" in found.mend


@pytest.mark.parametrize(
    ("body", "status", "mend"),
    [
        (b"no such order", 404, "format: text"),
        (b"<html>none</html>", 404, "check path and method"),
        (b"", 405, "check path"),
    ],
)
def test_plain_text_may_be_the_api_s_own(body: bytes, status: int, mend: str) -> None:
    found = told(
        codec(), OperationKind.QUERY, HttpResponse(status, {"content-type": "text/plain"}, body), Observation.NOT_FOUND
    )
    assert mend in found.mend
    assert ("format: text" in found.mend) is (mend == "format: text")


def test_refused_credentials_are_about_the_account() -> None:
    found = told(codec(), OperationKind.QUERY, HttpResponse(401, {}, b'{"code": "NO"}'), Observation.STATUS)
    assert found.path == ("accounts", "main", "auth")

"""SOAP: requests with prefixes are understood under any prefix, answers are written with theirs, and traffic is read."""

from __future__ import annotations

import pytest

from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.codec.codec import Codec, Payment, ResponseContext, compile_contract
from ackord.contract.emulate.domain_requests import InvalidRequest, QueryRequest, SubmitRequest
from ackord.contract.emulate.domain_responses import (
    OrderResponse,
    ProviderOrder,
    Refusal,
    RefusalKind,
    ResponseReason,
)
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.spec.model import Contract
from ackord.core.operation import Observation, OperationKind
from ackord.core.payment_state import PaymentState

from ..support import document

ENVELOPE = '"@xmlns:soapenv": "http://schemas.xmlsoap.org/soap/envelope/", "@xmlns:p": "urn:pay"'
SOAP = f"""\
provider: soap
version: 1
environment: sandbox
accounts: {{main: {{}}}}
submit:
  request:
    method: POST
    path: /ws
    headers: {{SOAPAction: '"urn:pay#Pay"', Content-Type: text/xml; charset=utf-8}}
    xml: {{"soapenv:Envelope": {{{ENVELOPE}, "soapenv:Body": {{"p:Pay": {{"@p:version": "2", "p:no": "${{order_no}}", "p:amount": "${{amount.minor}}"}}}}}}}}
  format: xml
  answers:
    - when: {{status: 200, /Envelope/Body/PayResponse/id: {{exists: true}}}}
      observation: ACK
      example: {{"soapenv:Envelope": {{{ENVELOPE}, "soapenv:Body": {{"p:PayResponse": {{}}}}}}}}
    - {{when: {{status: 500, /Envelope/Body/Fault/faultcode: CONFLICT}}, observation: CONFLICT}}
  extract: {{provider_id: /Envelope/Body/PayResponse/id, state: /Envelope/Body/PayResponse/status, amount_minor: /Envelope/Body/PayResponse/amount}}
query:
  request:
    method: POST
    path: /ws
    xml: {{"soapenv:Envelope": {{{ENVELOPE}, "soapenv:Body": {{"p:Status": {{"p:no": "${{order_no}}"}}}}}}}}
  format: xml
  answers:
    - {{when: {{status: 200, /Envelope/Body/StatusResponse/status: {{exists: true}}}}, observation: STATUS}}
    - {{when: {{status: 500, /Envelope/Body/Fault/faultcode: NOT_FOUND}}, observation: NOT_FOUND}}
  extract: {{provider_id: /Envelope/Body/StatusResponse/id, state: /Envelope/Body/StatusResponse/status}}
states: {{OPEN: RECEIVED, PAID: SUCCEEDED}}
"""  # fmt: skip
PAYMENT = Payment("n-1", "main", 1999, "EUR", "payee")
ORDER = ProviderOrder("p-1", "main", "n-1", 1999, "EUR", "payee", "ACCEPTED", "A")


@pytest.fixture(scope="module")
def soap() -> Codec:
    return compile_contract(Contract.model_validate(document(SOAP).data))


def test_a_request_is_written_with_its_prefixes(soap: Codec) -> None:
    body = soap.submit(PAYMENT).body.decode()
    assert body.startswith('<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"')
    assert '<p:Pay p:version="2"><p:no>n-1</p:no><p:amount>1999</p:amount></p:Pay>' in body


def other_prefixes(request: HttpRequest) -> HttpRequest:
    body = request.body.replace(b"soapenv", b"S").replace(b"p:", b"pay:").replace(b"xmlns:p=", b"xmlns:pay=")
    return request._replace(body=b'<?xml version="1.0" encoding="UTF-8"?>\n' + body)


@pytest.mark.parametrize("change", [lambda request: request, other_prefixes])
def test_requests_are_understood_and_told_apart(soap: Codec, change: object) -> None:
    assert callable(change)
    emulation = ContractEmulation(soap)
    submit, query = (
        emulation.understand(change(soap.submit(PAYMENT))),
        emulation.understand(change(soap.query(PAYMENT))),
    )
    assert isinstance(submit, SubmitRequest)
    assert (submit.submission.order_no, submit.submission.amount) == ("n-1", 1999)
    assert isinstance(query, QueryRequest)
    assert query.order_no == "n-1"


def test_another_operation_is_none(soap: Codec) -> None:
    request = soap.query(PAYMENT)
    other = request._replace(body=request.body.replace(b"Status", b"Refund"))
    assert isinstance(ContractEmulation(soap).understand(other), InvalidRequest)


def test_answers_are_written_and_read(soap: Codec) -> None:
    emulation, request = ContractEmulation(soap), soap.submit(PAYMENT)
    asked = emulation.understand(request)
    told = emulation.answer(asked, OrderResponse(ORDER, ResponseReason.ACCEPTED), request, TimestampNonce())
    assert b"<soapenv:Body><p:PayResponse>" in told.body
    assert soap.read(OperationKind.SUBMIT, told).observation is Observation.ACK
    shown = emulation.answer(
        QueryRequest("main", "n-1"), OrderResponse(ORDER._replace(status="PAID"), ResponseReason.SHOWN), request
    )
    assert soap.read(OperationKind.QUERY, shown, ResponseContext("n-1")).state is PaymentState.SUCCEEDED
    none = emulation.answer(QueryRequest("main", "n-2"), Refusal(RefusalKind.NOT_FOUND, ""), request)
    assert soap.read(OperationKind.QUERY, none).observation is Observation.NOT_FOUND


def test_a_fault_with_namespaces_is_read(soap: Codec) -> None:
    body = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
        b"<faultcode>NOT_FOUND</faultcode></s:Fault></s:Body></s:Envelope>"
    )
    reading = soap.read(OperationKind.QUERY, HttpResponse(500, {"content-type": "text/xml"}, body))
    assert reading.observation is Observation.NOT_FOUND

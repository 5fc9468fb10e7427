"""GraphQL: a request is a document with variables; another client's document of the same operation is understood."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.codec.codec import Codec, Payment, ResponseContext, compile_contract
from ackord.contract.emulate.domain_requests import InvalidRequest, ProviderRequest, QueryRequest, SubmitRequest
from ackord.contract.emulate.domain_responses import OrderResponse, ProviderOrder, ResponseReason
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.spec.model import Contract
from ackord.core.operation import Observation, OperationKind
from ackord.errors import FileError

from ..support import document, loaded

PAY = "mutation Pay($no: ID!, $amount: Int!) { pay(no: $no, amount: $amount) { id status } }"
FIND = "query Find($no: ID!) { order(no: $no) { id status } }"
TEXT = f"""\
provider: graph
version: 1
environment: sandbox
accounts: {{main: {{}}}}
submit:
  request:
    method: POST
    path: /graphql
    graphql: {{query: "{PAY}", variables: {{no: "${{order_no}}", amount: "${{amount.minor}}"}}, operationName: Pay}}
  answers:
    - {{when: {{status: 200, $.data.pay.id: {{exists: true}}}}, observation: ACK}}
    - {{when: {{status: 200, "$.errors[0].extensions.code": REUSED}}, observation: CONFLICT}}
  extract: {{provider_id: $.data.pay.id, state: $.data.pay.status}}
query:
  request: {{method: POST, path: /graphql, graphql: {{query: "{FIND}", variables: {{no: "${{order_no}}"}}}}}}
  answers:
    - {{when: {{status: 200, $.data.order.id: {{exists: true}}}}, observation: STATUS}}
    - {{when: {{status: 200, $.data.order: {{exists: false}}, $.errors: {{exists: false}}}}, observation: NOT_FOUND}}
  extract: {{provider_id: $.data.order.id, state: $.data.order.status}}
states: {{OPEN: RECEIVED, PAID: SUCCEEDED}}
"""
PAYMENT = Payment("n-1", "main", 1999, "EUR", "payee")


@pytest.fixture(scope="module")
def graph() -> Codec:
    return compile_contract(Contract.model_validate(document(TEXT).data))


def test_a_request_is_a_document_with_variables(graph: Codec) -> None:
    request = graph.submit(PAYMENT)
    assert json.loads(request.body) == {
        "query": PAY,
        "variables": {"no": "n-1", "amount": 1999},
        "operationName": "Pay",
    }
    assert ("content-type", "application/json") in request.headers


def asked(graph: Codec, query: str, **variables: object) -> ProviderRequest:
    body = json.dumps({"query": query, "variables": variables}).encode()
    return ContractEmulation(graph).understand(HttpRequest("POST", "/graphql", (), body))


def test_the_same_operation_is_understood_however_it_is_written(graph: Codec) -> None:
    other = "# ours\nmutation  Charge($a: Int!,\n $no: ID!)@x {\n  done: pay(amount: $a, no: $no) { id }\n}"
    found = asked(graph, other, no="n-1", amount=1999)
    assert isinstance(found, SubmitRequest)
    assert (found.submission.order_no, found.submission.amount) == ("n-1", 1999)
    short = asked(graph, "{ order(no: $no) { id } }", no="n-1")
    assert isinstance(short, QueryRequest)
    assert short.order_no == "n-1"


@pytest.mark.parametrize(
    "query", ["mutation { refund(no: $no) { id } }", "query { pay(no: $no) { id } }", "", "nothing"]
)
def test_another_operation_is_not(graph: Codec, query: str) -> None:
    assert isinstance(asked(graph, query, no="n-1", amount=1), InvalidRequest)


def test_answers_are_written_and_read(graph: Codec) -> None:
    order = ProviderOrder("p-1", "main", "n-1", 1999, "EUR", "payee", "PAID", "A")
    request = graph.query(PAYMENT)
    shown = ContractEmulation(graph).answer(
        QueryRequest("main", "n-1"), OrderResponse(order, ResponseReason.SHOWN), request, TimestampNonce()
    )
    assert graph.read(OperationKind.QUERY, shown, ResponseContext("n-1")).provider_id == "p-1"


@pytest.mark.parametrize(
    ("body", "observation"),
    [
        (b'{"data": {"order": null}}', Observation.NOT_FOUND),
        (b'{"data": {"order": null}, "errors": [{"message": "try again"}]}', Observation.UNREADABLE),
    ],
)
def test_errors_come_with_status_200(graph: Codec, body: bytes, observation: Observation) -> None:
    assert graph.read(OperationKind.QUERY, HttpResponse(200, {}, body)).observation is observation


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (f'query: "{FIND}"', 'query: "find the order"', "a GraphQL document"),
        (f'query: "{FIND}"', "query: 'query { order(no: \"${order_no}\") { id } }'", "stands in the document itself"),
        ('variables: {no: "${order_no}"}}}', "variables: 1}}", "a mapping of names to values"),
        ('variables: {no: "${order_no}"}}}', 'vars: {no: "${order_no}"}}}', "there is no vars"),
    ],
)
def test_what_is_no_request_of_graphql(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in TEXT
    with pytest.raises(FileError, match=says):
        loaded(tmp_path, TEXT.replace(old, new))

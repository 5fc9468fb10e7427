"""Drafts: from whatever they are made, they load, guess what can be guessed, say TODO of the rest,
and hold no secret.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from ackord.contract.base.http_messages import HttpRequest, HttpResponse
from ackord.contract.drafting.curl_examples import read_curl
from ackord.contract.drafting.draft import DraftInput, draft
from ackord.contract.drafting.openapi_examples import read_openapi
from ackord.contract.drafting.value_roles import ExampleExchange
from ackord.contract.loading.loader import LoadedContract, PlaceholderEnv, load_contract
from ackord.errors import FileError
from ackord.providers.reference.api import ServiceHolder, build_app

from ..support import HERE

CURL = r"""
$ curl -X POST 'http://127.0.0.1:8080/v1/orders' \
    -H 'Authorization: Bearer sk_live_never_to_be_seen' -H "Content-Type: application/json" -H 'X-Api-Secret: hush-hush-hush' \
    -d '{"order_no": "ORDER-0001-2026", "amount": 1999, "currency": "EUR", "payee": "p", "client_token": "tok_never_to_be_seen"}'
{"provider_id": "po_1", "order_no": "ORDER-0001-2026", "status": "ACCEPTED", "amount": 1999}

curl --url=http://127.0.0.1:8080/v1/orders/ORDER-0001-2026?access_token=qs_never_to_be_seen -H 'Authorization: Bearer sk_live_never_to_be_seen'
{"provider_id": "po_1", "order_no": "ORDER-0001-2026", "status": "PAID", "amount": 1999}
"""


def written(folder: Path, text: str) -> LoadedContract:
    path = folder / HERE.name
    path.write_text(text)
    return load_contract(path, env=PlaceholderEnv())


def from_curl(folder: Path, text: str) -> str:
    path = folder / "calls.txt"
    path.write_text(text)
    return draft(DraftInput(*read_curl(path), "curl"))


def test_two_curl_commands_make_a_contract(tmp_path: Path) -> None:
    contract = written(tmp_path, from_curl(tmp_path, CURL)).contract
    assert contract.base_url == "http://127.0.0.1:8080"
    assert contract.submit.request.body["order_no"] == "${order_no}"
    assert contract.submit.request.body["amount"] == "${amount.minor}"
    assert contract.submit.request.body["currency"] == "${currency}"
    assert contract.query.request.path == "/v1/orders/${order_no}"
    assert contract.submit.extract.provider_id == "$.provider_id"
    assert contract.query.extract.state == "$.status"
    assert contract.states == {"ACCEPTED": "RECEIVED", "PAID": "SUCCEEDED"}


SIGNED = """\
curl -X POST http://127.0.0.1:8080/remittances -H "X-Client: mr_1" -H "X-Time: 1790000000" -H "X-Sign: bXktc2ln" \\
  --json '{"reference": "INV-2231", "value": "129.50", "currencyCode": "EUR"}'
{"remittance": {"remittanceId": "mr_9c1f", "reference": "INV-2231", "value": "129.50", "currencyCode": "EUR", "stage": "RECEIVED"}}

curl http://127.0.0.1:8080/remittances/INV-2231 -H "X-Client: mr_1" -H "X-Time: 1790000001" -H "X-Sign: b3RoZXIt"
{"remittance": {"remittanceId": "mr_9c1f", "reference": "INV-2231", "value": "129.50", "currencyCode": "EUR", "stage": "SETTLED"}}
"""


def test_what_signs_a_request_is_left_out_and_told(tmp_path: Path) -> None:
    text = from_curl(tmp_path, SIGNED)
    assert "  # TODO: X-Time, X-Sign: made anew for each request, and left out here." in text
    contract = written(tmp_path, text).contract
    assert contract.provider == "new-provider"
    assert contract.submit.request.headers == contract.query.request.headers == {"X-Client": "mr_1"}


def test_a_status_is_known_by_its_word_and_a_value_by_the_currency_beside_it(tmp_path: Path) -> None:
    contract = written(tmp_path, from_curl(tmp_path, SIGNED)).contract
    for extract in (contract.submit.extract, contract.query.extract):
        assert extract.state == "$.remittance.stage"
        assert extract.amount_major == "$.remittance.value"
    assert contract.states == {"RECEIVED": "RECEIVED", "SETTLED": "SUCCEEDED"}


def test_a_draft_holds_no_secret_of_what_it_was_made_from(tmp_path: Path) -> None:
    text = from_curl(tmp_path, CURL)
    for secret in ("never_to_be_seen", "hush"):
        assert secret not in text
    assert text.count('"${env:PROVIDER_KEY}"') == 1
    assert "${env:PROVIDER_CLIENT_TOKEN}" in text
    assert "${env:PROVIDER_ACCESS_TOKEN}" in text
    assert "TODO" in text


@pytest.mark.parametrize(
    ("options", "auth"),
    [
        ("-u sk_never_to_be_seen:", {"basic": {"username": "${env:PROVIDER_USER}", "password": "${env:PROVIDER_KEY}"}}),
        ("-H 'X-API-Key: never_to_be_seen'", {"api_key": {"header": "X-API-Key", "value": "${env:PROVIDER_KEY}"}}),
        ("-H 'Authorization: Bearer never_to_be_seen'", {"bearer": "${env:PROVIDER_KEY}"}),
    ],
)
def test_how_requests_are_signed_is_seen(tmp_path: Path, options: str, auth: dict[str, object]) -> None:
    body = '--json \'{"reference": "R-0001", "amount": "19.99"}\''
    text = from_curl(tmp_path, f"curl x.example/pay {options} {body}\n\ncurl x.example/pay/R-0001 {options}\n")
    assert yaml.safe_load(text)["accounts"]["main"]["auth"] == auth
    assert "never_to_be_seen" not in text
    contract = written(tmp_path, text).contract
    assert contract.submit.request.body == {"reference": "${order_no}", "amount": "${amount.major}"}


def test_a_form_stays_a_form(tmp_path: Path) -> None:
    text = from_curl(
        tmp_path, "curl x.example/pay -d ref=R-0001 -d amount=1999\n\ncurl -G x.example/pay -d ref=R-0001\n"
    )
    contract = written(tmp_path, text).contract
    assert contract.submit.request.body == {"ref": "${order_no}", "amount": "${amount.minor}"}
    assert contract.query.request.query == {"ref": "${order_no}"}


def test_a_query_by_the_provider_s_identifier_is_seen(tmp_path: Path) -> None:
    sent = json.dumps({"reference": "R-0001", "amount": 19.99}).encode()
    told = HttpResponse(201, {}, b'{"data": {"id": "tr_77", "status": "new"}}')
    submit = ExampleExchange(
        "https://x.example", HttpRequest("POST", "/pay", (("Idempotency-Key", "R-0001"),), sent), told
    )
    query = ExampleExchange("https://x.example", HttpRequest("GET", "/pay/tr_77", (), b""), told)
    contract = written(tmp_path, draft(DraftInput(submit, query, "a test"))).contract
    assert contract.query.request.path == "/pay/${provider_id}"
    assert contract.submit.extract.provider_id == "$.data.id"
    assert contract.submit.request.headers == {"Idempotency-Key": "${order_no}"}
    assert contract.submit.request.body["amount"] == "${amount.number}"


def test_text_that_looks_like_a_variable_stays_text(tmp_path: Path) -> None:
    sent = json.dumps({"reference": "R-0001", "amount": 1, "note": '${order_no} # "x"\n: y'}).encode()
    submit = ExampleExchange("", HttpRequest("POST", "/pay", (), sent))
    contract = written(
        tmp_path, draft(DraftInput(submit, ExampleExchange("", HttpRequest("GET", "/pay/R-0001", (), b"")), "a test"))
    ).contract
    assert contract.submit.request.body["note"] == '$${order_no} # "x"\n: y'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "0 commands that submit and 0 that query"),
        ("curl http://x.example/pay -d a=b\n", "1 commands that submit and 0 that query"),
        ("curl http://x.example/pay -d 'a\n", "cannot be taken apart"),
        ("curl -s\n", "has no address"),
    ],
)
def test_what_is_not_two_commands_is_told(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(FileError, match=says):
        from_curl(tmp_path, text)


def test_the_reference_s_own_document_makes_its_contract(tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(build_app(ServiceHolder()).openapi()))
    contract = written(tmp_path, draft(read_openapi(path))).contract
    assert (contract.submit.request.path, contract.query.request.path) == ("/v1/orders", "/v1/orders/${order_no}")
    assert contract.submit.request.body["order_no"] == "${order_no}"
    assert contract.submit.request.body["amount"] == "${amount.minor}"
    assert set(contract.states) >= {"ACCEPTED", "PAID", "FAILED"}
    assert contract.accounts["main"].auth is not None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[", "neither JSON nor YAML"),
        ("{}", "there are no paths"),
        ('{"paths": {}}', "no POST or PUT in it"),
        ('{"paths": {"/x": {"$ref": "http://elsewhere/"}}}', "no POST or PUT in it"),
    ],
)
def test_what_is_no_document_is_told(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(text)
    with pytest.raises(FileError, match=says):
        read_openapi(path)


def test_a_schema_that_holds_itself_ends(tmp_path: Path) -> None:
    node = {
        "type": "object",
        "required": ["amount", "next"],
        "properties": {"amount": {"type": "integer"}, "next": {"$ref": "#/components/schemas/Node"}},
    }
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}}
    paths = {
        "/payments": {"post": {"requestBody": body, "responses": {"201": body}}},
        "/payments/{id}": {"get": {"responses": {"200": body}}},
    }
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps({"paths": paths, "components": {"schemas": {"Node": node}}}))
    assert written(tmp_path, draft(read_openapi(path))).contract.query.request.path == "/payments/${provider_id}"


def test_graphql_is_seen(tmp_path: Path) -> None:
    pay = {
        "query": "mutation Pay($no: ID!) { pay(no: $no) { id status } }",
        "variables": {"no": "ORDER-0001", "amount": 1999},
    }
    find = {"query": "{ order(no: $no) { id status } }", "variables": {"no": "ORDER-0001"}}
    text = from_curl(
        tmp_path,
        f"curl x.example/graphql --json '{json.dumps(pay)}'\n"
        '{"data": {"pay": {"id": "p-1", "status": "PAID"}}}\n\n'
        f"curl x.example/graphql --json '{json.dumps(find)}'\n",
    )
    contract = written(tmp_path, text).contract
    encodings = [request.encoding for request in (contract.submit.request, contract.query.request)]
    assert [encoding and encoding.name for encoding in encodings] == ["graphql", "graphql"]
    assert contract.submit.request.body["variables"] == {"no": "${order_no}", "amount": "${amount.minor}"}
    assert contract.query.request.body["variables"] == {"no": "${order_no}"}
    assert contract.submit.extract.state == "$.data.pay.status"


def test_a_value_of_the_submit_s_address_is_no_identifier_of_the_provider_s(tmp_path: Path) -> None:
    """The address of both has the shop in it, and so has the answer: a draft that does not load helps nobody."""
    sent = json.dumps({"reference": "R-0001", "amount": 1}).encode()
    told = HttpResponse(201, {}, b'{"id": "TODO", "shopId": "shop-1", "paymentId": "p-4711"}')
    submit = ExampleExchange("", HttpRequest("POST", "/TODO/shop-1/my%20pay", (), sent), told)
    query = ExampleExchange("", HttpRequest("GET", "/TODO/shop-1/my%20pay/p-4711", (), b""))
    contract = written(tmp_path, draft(DraftInput(submit, query, "a test"))).contract
    assert contract.submit.request.path == "/TODO/shop-1/my%20pay"
    assert contract.query.request.path == "/TODO/shop-1/my%20pay/${provider_id}"
    assert contract.submit.extract.provider_id == "$.paymentId"

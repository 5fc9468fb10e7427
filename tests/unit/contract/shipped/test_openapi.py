"""Every request that a contract renders, against the provider's own OpenAPI document, where that is at hand."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import pytest
import yaml

from ackord.contract.base.http_messages import HttpRequest
from ackord.contract.codec.codec import Refund
from ackord.contract.loading.loader import contract_names
from ackord.contract.spec.model import order_operations_of

from .support import body_of, codec, headers_of, loaded, order, request_context

Operation = Mapping[str, Any]
Find = Callable[[str], Path]


class Described(NamedTuple):
    """Where in a provider's document the statuses of an order stand, and what it leaves out."""

    words: tuple[tuple[str, str], ...] = ()
    """Names of a schema and of its property with an enumeration of statuses."""
    beyond: frozenset[str] = frozenset()
    """Parameters that the provider's pages speak of, and its document does not."""
    elsewhere: frozenset[str] = frozenset()
    """Operations that are in no document that is kept here."""


DESCRIBED = {
    "adyen-transfers": Described((("Transfer", "status"),)),
    "paypal-payouts": Described(
        (("payout_batch_items", "transaction_status"), ("payout_batch_header", "batch_status")),
    ),
    "paystack-transfers": Described(beyond=frozenset({"perPage"})),  # per_page, says the document
    "square-payments": Described(elsewhere=frozenset({"refund"})),  # the document is of payments and payouts
}
CONTRACTS = sorted(DESCRIBED.keys() & set(contract_names("contracts")))


@functools.cache
def document(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    return (
        yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        if path.suffix == ".yaml"
        else json.loads(text)
    )  # type: ignore[no-any-return]


def resolved(found: Any, root: Mapping[str, Any]) -> Any:
    while isinstance(found, dict) and "$ref" in found:
        step: Any = root
        for key in found["$ref"].removeprefix("#/").split("/"):
            step = step[key.replace("~1", "/").replace("~0", "~")]
        found = step
    return found


def rendered(name: str) -> Iterator[tuple[str, HttpRequest]]:
    """All requests of a contract, by what they are for."""
    found = codec(name)
    captured = {key: "captured" for part in found.contract.prerequisites for key in part.capture}
    payment, now = order(name, "a" * max(16, found.contract.order_no.length[0])), request_context(**captured)
    for row, _ in order_operations_of(found.contract):
        yield row.kind, found.request(row.kind, payment, "provider-id", now, Refund("b" * 20, 40))
    if found.has_ledger:
        yield "ledger", found.ledger_page(request_context=now)
        yield "ledger, a later page", found.ledger_page(cursor="next", request_context=now)
    for part in found.prerequisites:
        yield part.name, part.request(payment, now)


def operation(root: Mapping[str, Any], request: HttpRequest) -> Operation:
    """What the document says of a method and a path; the path that names most of it literally wins."""
    target = urlsplit(request.target).path
    for server in root["servers"]:
        prefix = urlsplit(server["url"]).path.rstrip("/")
        if prefix and target.startswith(prefix + "/"):
            target = target.removeprefix(prefix)
            break
    for path in sorted(root["paths"], key=lambda path: path.count("{")):
        if re.fullmatch(re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(path)), target):
            described = root["paths"][path]
            if request.method.lower() in described:
                parameters = [
                    *described.get("parameters", []),
                    *described[request.method.lower()].get("parameters", []),
                ]
                return {**described[request.method.lower()], "parameters": [resolved(p, root) for p in parameters]}
    raise AssertionError(f"the document has no {request.method} {target}")


def schema_of_the_body(root: Mapping[str, Any], described: Operation) -> dict[str, Any] | None:
    body = resolved(described.get("requestBody"), root)
    content = (body or {}).get("content", {}).get("application/json")
    # The document's other schemas stand beside it, so that its references lead somewhere.
    return None if content is None else {**content["schema"], "components": root["components"]}


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_request_is_one_that_the_document_describes(name: str, openapi_document: Find) -> None:
    root = document(openapi_document(name))
    for what, request in rendered(name):
        if what in DESCRIBED[name].elsewhere:
            continue
        described = operation(root, request)
        schema = schema_of_the_body(root, described)
        assert bool(request.body) == (schema is not None), what
        if schema is not None:
            jsonschema.Draft202012Validator(schema).validate(body_of(request))
        query = dict(parse_qsl(urlsplit(request.target).query))
        sent = {"query": query, "header": headers_of(request)}
        for parameter in described["parameters"]:
            place, key = parameter["in"], parameter["name"]
            if parameter.get("required") and place in sent:
                assert (key.lower() if place == "header" else key) in sent[place], (what, key)
        known = {p["name"] for p in described["parameters"] if p["in"] == "query"}
        assert set(query) <= known | DESCRIBED[name].beyond, what


@pytest.mark.parametrize("name", [name for name in CONTRACTS if DESCRIBED[name].words])
def test_every_status_word_is_one_of_the_document(name: str, openapi_document: Find) -> None:
    root = document(openapi_document(name))
    words: set[str] = set()
    for schema, key in DESCRIBED[name].words:
        words |= set(resolved(root["components"]["schemas"][schema]["properties"][key], root)["enum"])
    assert set(loaded(name).contract.states) <= words


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_address_is_one_of_the_documents(name: str, openapi_document: Find) -> None:
    contract = loaded(name).contract
    hosts = {urlsplit(server["url"]).hostname for server in document(openapi_document(name))["servers"]}
    real = {host for host in hosts if contract.production and contract.production.is_host(host or "")}
    assert real or urlsplit(contract.base_url or "").hostname in hosts


def test_what_the_document_does_not_describe_is_told() -> None:
    """The checks above can fail: a wrong path, a wrong field."""
    root: dict[str, Any] = {
        "servers": [{"url": "https://api.example.com/v1"}],
        "components": {"schemas": {"Order": {"type": "object", "required": ["amount"], "additionalProperties": False}}},
        "paths": {"/orders/{id}": {"get": {}}, "/orders": {"post": {"requestBody": {"content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}}}},
    }  # fmt: skip
    assert operation(root, HttpRequest("GET", "/v1/orders/7?a=b", (), b""))["parameters"] == []
    with pytest.raises(AssertionError, match="no PUT"):
        operation(root, HttpRequest("PUT", "/v1/orders", (), b""))
    schema = schema_of_the_body(root, operation(root, HttpRequest("POST", "/v1/orders", (), b"{}")))
    assert schema is not None
    with pytest.raises(jsonschema.ValidationError, match="amount"):
        jsonschema.Draft202012Validator(schema).validate({})

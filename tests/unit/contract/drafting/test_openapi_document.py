"""Version 2 is read as version 3, references are followed within the document, and a sandbox's address comes first."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.contract.drafting.openapi_document import OpenApiDocument
from ackord.errors import FileError


def document(folder: Path, text: str) -> OpenApiDocument:
    path = folder / "openapi.yaml"
    path.write_text(text)
    return OpenApiDocument(path)


def test_what_an_operation_says_of_a_parameter_comes_first(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        "paths:\n  '/a/{id}': {parameters: [{in: path, name: id}, {$ref: '#/p'}], get: {parameters: [{in: path, name: "
        "id, example: 7}]}}\np: {in: header, name: h}\n",
    )
    (operation,) = found.operations("GET", "POST")
    assert operation.parameters("path") == [{"in": "path", "name": "id", "example": 7}]
    assert [p["name"] for p in operation.parameters("header")] == ["h"]


@pytest.mark.parametrize(
    ("servers", "address"),
    [
        ("[{url: 'https://x.example/v1/'}]", ("https://x.example", "/v1")),
        (
            "[{url: 'https://x.example'}, {url: 'https://x.example/a', description: Sandbox}]",
            ("https://x.example", "/a"),
        ),
        ("[{url: 'https://h:<port>/v1'}]", ("", "/v1")),
        ("[{url: /only/path}]", ("", "/only/path")),
        ("[{url: 'https://{where}.example', variables: {where: {default: eu}}}]", ("https://eu.example", "")),
        ("[]", ("", "")),
    ],
)
def test_the_address_of_the_server(tmp_path: Path, servers: str, address: tuple[str, str]) -> None:
    assert document(tmp_path, f"paths: {{}}\nservers: {servers}\n").server() == address


def test_version_2_is_turned_into_version_3(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        "swagger: '2.0'\nhost: x.example\nschemes: [http]\nsecurityDefinitions: {b: {type: basic}}\n"
        "paths: {/a: {post: {parameters: [{in: body, name: b, schema: {$ref: '#/definitions/A'}}], "
        "responses: {'200': {schema: {type: string}}}}}}\ndefinitions: {A: {allOf: [{required: [x]}, {required: [y]}]}}\n",
    )
    (operation,) = found.operations("POST")
    kind, media = found.media(operation.spec["requestBody"])
    assert (kind, found.merged(media["schema"])["required"]) == ("application/json", ["x", "y"])
    assert found.media(operation.spec["responses"]["200"])[1]["schema"] == {"type": "string"}
    assert found.server() == ("http://x.example", "")
    assert found.data["components"]["securitySchemes"] == {"b": {"type": "http", "scheme": "basic"}}


def test_a_reference_that_leads_nowhere_is_nothing(tmp_path: Path) -> None:
    found = document(tmp_path, "paths: {}\na: {$ref: '#/a'}\n")
    assert found.resolved({"$ref": "#/a"}) == {}
    assert found.resolved({"$ref": "other.yaml#/x"}) == {}


def test_what_is_no_document_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there are no paths"):
        document(tmp_path, "[]")

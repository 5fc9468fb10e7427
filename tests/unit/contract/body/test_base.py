"""What all encodings do alike: a request's body is parsed as what was meant, an answer is a document or unreadable, and
what is put at a place is found there again.
"""

from __future__ import annotations

import gzip
import zlib
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.contract.base.body_parsing import MAX_INFLATED, UnreadableBody, UnwritableBody
from ackord.contract.base.contract_error import ContractError
from ackord.contract.base.http_messages import HttpResponse
from ackord.contract.base.json_path import MISSING
from ackord.contract.base.template import in_address, text_template
from ackord.contract.base.template_match import RequestMismatch
from ackord.contract.base.variables import ORDER_VARIABLES, SUBMIT_VARIABLES, TemplateContext
from ackord.contract.body import ENCODINGS, JSON, Encoding, encoding_at, register

SUBJECT = TemplateContext("main", "acc_1", "n-1", 1999, "EUR", "Zoë & Co")
NAMES = ENCODINGS.names()


def body(name: str, data: Any, subject: TemplateContext = SUBJECT) -> bytes:
    return ENCODINGS.get(name).renderer(data, SUBMIT_VARIABLES | ORDER_VARIABLES, ("r",))(subject)


def answer(content: bytes, **headers: str) -> HttpResponse:
    return HttpResponse(200, {name.replace("_", "-"): value for name, value in headers.items()}, content)


def test_the_folder_is_searched_and_json_is_the_first() -> None:
    assert NAMES == ["json", "form", "graphql", "xml"]
    assert ENCODINGS.get("json") is JSON
    with pytest.raises(ValueError, match="registered already"):
        register(type(JSON))


@pytest.mark.parametrize(
    ("place", "name"), [("$.a", "json"), ("$row.a", "json"), ("/a", "xml"), ("header.a", None), ("", None)]
)
def test_which_bodies_have_such_places(place: str, name: str | None) -> None:
    found = encoding_at(place)
    assert (found and found.name) == name


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_body_is_no_document(name: str) -> None:
    assert ENCODINGS.get(name).read(answer(b"")) is None


@pytest.mark.parametrize("name", NAMES)
def test_a_body_that_says_that_it_is_something_else_is_named_so(name: str) -> None:
    encoding = ENCODINGS.get(name)
    for content_type in ("", encoding.content_type, f"{encoding.content_type}; charset=utf-8"):
        with pytest.raises(UnreadableBody, match=r"^200, not (a )?valid"):
            encoding.read(answer(b"\xff<", content_type=content_type))
    with pytest.raises(UnreadableBody, match=f"^200 text/html, expected {encoding.shown}$"):
        encoding.read(answer(b"\xff<", content_type="text/html"))


class Refusing(Encoding):
    name = "refusing"
    shown = "refusals"
    content_type = "text/plain"
    flat = True
    renderer = write = None  # type: ignore[assignment]

    def parse(self, body: bytes) -> Any:
        raise ValueError("some inner detail")


Refusing.__abstractmethods__ = frozenset()  # type: ignore[attr-defined]


def test_an_encoding_that_raises_value_error_gives_an_unreadable_body() -> None:
    with pytest.raises(UnreadableBody, match=r"^200, not valid refusals$"):
        Refusing().read(answer(b"x", content_type="text/plain"))


RAW = b'{"a": 1}'


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("gzip", gzip.compress(RAW, mtime=0)),
        ("x-gzip", gzip.compress(RAW, mtime=0)),
        ("deflate", zlib.compress(RAW)),
        ("gzip", RAW),
        ("deflate", RAW),
        ("identity", RAW),
    ],
)
def test_a_compressed_body(encoding: str, content: bytes) -> None:
    assert JSON.read(answer(content, content_encoding=encoding)) == {"a": 1}


@pytest.mark.parametrize(
    ("encoding", "content", "why"),
    [
        ("br", b"x", "'br' is not known"),
        ("gzip", gzip.compress(RAW, mtime=0)[:-9], "cut off or over"),
        ("gzip", b"\x1f\x8b\x08garbage-garbage", "damaged"),
        ("gzip", gzip.compress(b" " * (MAX_INFLATED + 1), mtime=0), "cut off or over 16 MiB"),
    ],
)
def test_a_compressed_body_that_is_not_believed(encoding: str, content: bytes, why: str) -> None:
    with pytest.raises(UnreadableBody, match=why):
        JSON.read(answer(content, content_encoding=encoding))


@settings(deadline=None)
@given(
    st.sampled_from(NAMES),
    st.binary(max_size=80) | st.text("<a/>&=%;{}[]\"'!?\x00", max_size=40).map(str.encode),
    st.sampled_from(["", "gzip", "deflate", "br"]),
)
def test_any_bytes_are_a_document_or_unreadable(name: str, content: bytes, encoding: str) -> None:
    try:
        ENCODINGS.get(name).read(answer(content, content_encoding=encoding))
    except UnreadableBody as why:
        assert str(why).startswith("200")


@pytest.mark.parametrize(("name", "data"), [("form", {"${order_no}": "x"}), ("xml", {"a": {"${order_no}": "x"}})])
def test_a_key_cannot_hold_a_variable(name: str, data: Any) -> None:
    with pytest.raises(ContractError, match="a key cannot hold a variable"):
        body(name, data)


_XML_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=12
)
_NUMBERS = _XML_TEXT | st.text("/?#&=%<>\"'[]{}$ ;:+\\", min_size=1, max_size=8)
_FLAT = {"n": "${order_no}", "z": "<${order_no}>"}
_TEMPLATES: dict[str, Any] = {"json": _FLAT, "form": _FLAT, "xml": {"x": {"@a": "${order_no}", **_FLAT}}}
_TEMPLATES["graphql"] = {"query": "query Of($n: ID!, $z: ID!) { order(n: $n, z: $z) { id } }", "variables": _FLAT}
_FIRST = {"xml": ("/x/n", "/x/z"), "graphql": ("$.variables.n", "$.variables.z")}


@settings(deadline=None)
@given(st.sampled_from(NAMES), _NUMBERS)
def test_an_order_number_never_changes_what_it_stands_in(name: str, number: str) -> None:
    """What is rendered is read as the document that the template describes, and gives the number back."""
    subject = SUBJECT._replace(order_no=number)
    target = text_template("/a/${order_no}/b", SUBMIT_VARIABLES, (), in_address).render(subject)
    assert (target.count("/"), "?" in target, "#" in target) == (3, False, False)
    encoding = ENCODINGS.get(name)
    document = encoding.parse(body(name, _TEMPLATES[name], subject))
    first, second = _FIRST.get(name, ("$.n", "$.z"))
    assert (encoding.getter(first)(document), encoding.getter(second)(document)) == (number, f"<{number}>")
    values: dict[str, Any] = {}
    encoding.matcher(_TEMPLATES[name])(document, values, True)
    assert values["order_no"] == number


def test_a_form_with_an_order_number_has_as_many_fields_as_its_template() -> None:
    sent = body("form", {"n": "${order_no}", "m": {"x": "1"}}, SUBJECT._replace(order_no="a=1&b=2"))
    assert parse_qsl(sent.decode()) == [("n", "a=1&b=2"), ("m[x]", "1")]


@pytest.mark.parametrize(("name", "at"), [("json", "$.a.b[1]"), ("form", "$['a[b]']"), ("xml", "/x/a[1]/@b")])
def test_what_is_put_at_a_place_is_read_there(name: str, at: str) -> None:
    encoding = ENCODINGS.get(name)
    written = encoding.write(encoding.put(encoding.new_document(None), at, "1 & 2"))
    document = encoding.parse(written)
    assert encoding.getter(at)(document) == "1 & 2"
    assert encoding.getter(at)(encoding.put(document, at, MISSING)) is MISSING


def test_a_flat_document_has_no_room_for_what_is_nested() -> None:
    with pytest.raises(UnwritableBody, match=r"stands in a form, which has no room for \[\]"):
        ENCODINGS.get("form").put({}, "$.a", [])


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_copied(name: str) -> None:
    encoding, example = ENCODINGS.get(name), {"x": {"a": "1"}}
    encoding.put(encoding.new_document(example), encoding.place.replace("err_code", "a").replace("/xml", "/x"), "2")
    assert example == {"x": {"a": "1"}}


@pytest.mark.parametrize("name", NAMES)
def test_a_document_of_another_kind_does_not_match(name: str) -> None:
    with pytest.raises(RequestMismatch):
        ENCODINGS.get(name).matcher(_TEMPLATES[name])(None, {}, True)

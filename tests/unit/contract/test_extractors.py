"""Extractors: WeChat Pay's resources there and back, and what another package brings, which may be
wrong in every way.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.contract.base.body_parsing import UnreadableBody
from ackord.contract.base.contract_error import ContractError
from ackord.contract.base.field_types import StrictModel
from ackord.contract.base.http_messages import HttpResponse
from ackord.contract.base.plugins import MAX_DEPTH
from ackord.contract.body import Encoding
from ackord.contract.codec.codec import Codec, ResponseContext, compile_contract
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.extractors import BodyCodec, Extractor, base
from ackord.contract.extractors.wechatpay_resource import opened, sealed
from ackord.contract.loading.diagnosis import diagnose_interpretation
from ackord.contract.spec.body_formats import ExtractedFormat, body_format
from ackord.contract.spec.model import Contract
from ackord.core.operation import Observation, OperationKind
from ackord.core.payment_state import PaymentState
from ackord.core.registry import Registry
from ackord.errors import FileError, UsageError

from .support import SMALL, changed, codec, document, loaded

KEY = "k" * 32
RESOURCE: dict[str, Any] = {"wechatpay_resource": {"key": KEY}}


def form(way: Mapping[str, Any]) -> Encoding:
    return body_format(ExtractedFormat.model_validate(way), ("submit", "format"))


def answer(body: bytes, **headers: str) -> HttpResponse:
    return HttpResponse(200, headers, body)


def read(way: Mapping[str, Any], body: bytes) -> Any:
    return form(way).read(answer(body))


def written(way: Mapping[str, Any], data: Any) -> bytes:
    return form(way).write(data)


# wechatpay_resource


@pytest.mark.parametrize(
    ("plain", "associated_data", "ciphertext"),
    [("", "", "GvpmmdtYwexXIPhySs9Tlg=="), ("hello", "world", "APoZlYpivU3HjbAiB4CvW1rAFr8J")],
)
def test_a_published_vector(plain: str, associated_data: str, ciphertext: str) -> None:
    """Of wechatpay-axios-plugin's tests, where the nonce has 16 letters."""
    resource = {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": ciphertext,
        "nonce": "0123456789abcdef",
        "associated_data": associated_data,
    }
    assert opened([b"0123456789abcdef0123456789abcdef"], resource) == plain.encode()


@settings(deadline=None)
@given(st.dictionaries(st.text(), st.one_of(st.none(), st.booleans(), st.integers(-(2**60), 2**60), st.text())))
def test_what_is_in_a_resource_takes_its_place(inside: dict[str, Any]) -> None:
    whole = {"event_type": "E", "resource": inside}
    body = written(RESOURCE, whole)
    assert read(RESOURCE, body) == whole
    assert body == written(RESOURCE, whole), "the same is always written alike"
    assert set(json.loads(body)["resource"]) == {"original_type", "algorithm", "ciphertext", "associated_data", "nonce"}


def test_any_account_s_key_opens_it() -> None:
    body = written({"wechatpay_resource": {"key": "o" * 32}}, {"resource": {"a": 1}})
    with pytest.raises(UnreadableBody, match="cannot be decrypted"):
        read(RESOURCE, body)
    assert read({"wechatpay_resource": {"key": KEY, "other_keys": ["o" * 32]}}, body) == {"resource": {"a": 1}}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"algorithm": "none"}, "not AEAD_AES_256_GCM"),
        ({"ciphertext": "!"}, "not base64"),
        ({"ciphertext": ""}, "cannot be decrypted"),
        ({"nonce": "x"}, "cannot be decrypted"),
        ({"nonce": 1}, "not text"),
        ({"associated_data": "other"}, "cannot be decrypted"),
    ],
)
def test_what_is_wrong_with_a_resource_is_said(wrong: dict[str, Any], says: str) -> None:
    resource = sealed(KEY.encode(), b'{"state": "SUCCESS"}', "transaction")
    with pytest.raises(UnreadableBody, match=says):
        read(RESOURCE, json.dumps({"resource": {**resource, **wrong}}).encode())


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<html>", "not valid JSON"),
        (b"[1]", "no resource"),
        (b'{"resource": 1}', "no resource"),
        (json.dumps({"resource": sealed(KEY.encode(), b"{", "")}).encode(), "not valid JSON"),
    ],
)
def test_a_body_without_a_resource_is_unreadable(body: bytes, says: str) -> None:
    with pytest.raises(UnreadableBody, match=f"^200, wechatpay_resource cannot read it: .*{says}"):
        read(RESOURCE, body)


def test_an_empty_body_is_null_and_a_cut_one_is_unreadable() -> None:
    assert read(RESOURCE, b"") is None
    with pytest.raises(UnreadableBody, match="cut off"):
        form(RESOURCE).read(answer(b"{}")._replace(truncated=True))


# What another package brings.


class Separator(StrictModel):
    separator: str = "="


def lines(settings: Separator) -> BodyCodec:
    """A line for each member: ``status=PAID``."""

    def read(headers: Mapping[str, str], body: bytes) -> Any:
        pairs = dict(line.split(settings.separator, 1) for line in body.decode().splitlines())
        return {key: int(value) if value.isdigit() else value for key, value in pairs.items()}

    def write(document: Any) -> bytes:
        return "\n".join(f"{key}{settings.separator}{value}" for key, value in document.items()).encode()

    return BodyCodec(read, write, "text/x-lines")


Bring = Callable[[Callable[[Any], Any]], None]


@pytest.fixture
def bring(monkeypatch: pytest.MonkeyPatch) -> Bring:
    """Registers an extractor called ``lines`` as an installed package does."""

    def install(make: Callable[[Any], Any]) -> None:
        extractor = Extractor("lines", "Lines.", Separator, make)
        registry: Registry[Extractor] = Registry("extractor")
        point = type("Point", (EntryPoint,), {"load": lambda self: extractor})(
            "lines", "acme:LINES", base.ENTRY_POINT_GROUP
        )
        monkeypatch.setattr("ackord.contract.extractors.hook.EXTRACTORS", registry)
        monkeypatch.setattr("ackord.core.registry.entry_points", lambda group: [point])

    return install


HOOK: dict[str, Any] = {"hook": {"name": "lines"}}
IN_LINES = {"submit": HOOK, "query": {"hook": {"name": "lines", "settings": {"separator": ":"}}}}


def in_lines() -> Codec:
    """The small contract, which speaks in lines."""
    data = dict(document(SMALL).data)
    for operation, way in IN_LINES.items():
        data[operation] = {**data[operation], "format": way}
    return compile_contract(Contract.model_validate(data))


def test_a_contract_is_read_and_served_by_it(bring: Bring) -> None:
    bring(lines)
    c = in_lines()
    assert c.answer_headers == ["*"], "an extractor may need any header"
    reading = c.read(OperationKind.QUERY, answer(b"status:PAID\nid:p1\namount:1999"))
    assert reading[:5] == (reading.outcome, Observation.STATUS, PaymentState.SUCCEEDED, "p1", 1999)
    ContractEmulation(c)  # tries out that it can say what a provider must


def failing(error: BaseException) -> Callable[[Any], BodyCodec]:
    def read(headers: Mapping[str, str], body: bytes) -> Any:
        raise error

    return lambda settings: BodyCodec(read)


class Speechless(Exception):
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (UnreadableBody("line 3 has no separator"), "line 3 has no separator"),
        (ValueError("no\nway"), r"ValueError: no\nway"),
        (KeyError("x"), "KeyError: 'x'"),
        (RecursionError(), "RecursionError"),
        (MemoryError(), "MemoryError"),
        (StopIteration(), "StopIteration"),
        (Speechless(), "Speechless"),
        (ContractError((), "late"), "ContractError: late"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "UnicodeDecodeError: 'utf-8' codec"),
        (Exception("x" * 10_000), f"Exception: {'x' * 200}"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_whatever_it_raises_makes_the_answer_unreadable(bring: Bring, error: Exception, says: str) -> None:
    bring(failing(error))
    reading = in_lines().read(OperationKind.SUBMIT, answer(b"x"))
    assert reading.observation is Observation.UNREADABLE
    assert reading.detail.startswith(f"200, lines cannot read it: {says}") and len(reading.detail) < 300


def test_a_body_that_it_cannot_read_is_blamed_on_the_format(bring: Bring) -> None:
    bring(lines)
    c, sent = in_lines(), answer(b"no separator here")
    reading = c.read(OperationKind.SUBMIT, sent)
    blame = diagnose_interpretation(
        c, OperationKind.SUBMIT, sent, reading, [Observation.ACK], ResponseContext("n-1", account="main")
    )
    assert blame.path == ("submit", "format") and blame.mend == "check the settings of the format"
    assert "lines cannot read it: ValueError" in blame.problem


def deep(levels: int) -> Any:
    made: Any = 1
    for _ in range(levels):
        made = [made]
    return made


def ring() -> Any:
    made: list[Any] = []
    made.append(made)
    return made


@pytest.mark.parametrize(
    ("made", "says"),
    [
        ({"a": b"x"}, "there is bytes in it"),
        ({"a": {1, 2}}, "there is set in it"),
        ({"a": [{"b": math.nan}]}, "there is float in it"),
        ({"a": 1 << 5000}, "there is int in it"),
        ({1: "a"}, "a key in it is no text"),
        (object(), "there is object in it"),
        (lambda: 1, "there is function in it"),
        (ring(), "nested too deeply"),
        (deep(MAX_DEPTH + 2), "nested too deeply"),
        ("x" * ((1 << 24) + 1), "too large"),
    ],
    ids=["bytes", "set", "nan", "long", "key", "object", "function", "ring", "deep", "large"],
)
def test_what_is_no_document_makes_the_answer_unreadable(bring: Bring, made: Any, says: str) -> None:
    bring(lambda settings: BodyCodec(lambda headers, body: made))
    reading = in_lines().read(OperationKind.SUBMIT, answer(b"x"))
    assert reading.observation is Observation.UNREADABLE and says in reading.detail


def test_a_document_as_json_has_it_is_taken(bring: Bring) -> None:
    made = {"a": [1, 1.5, None, True, {"b": deep(MAX_DEPTH - 4)}], "status": "PAID"}
    bring(lambda settings: BodyCodec(lambda headers, body: made))
    assert in_lines().read(OperationKind.SUBMIT, answer(b"x")).state is PaymentState.SUCCEEDED


@pytest.mark.parametrize(
    ("make", "path", "says"),
    [
        (lambda settings: 1 / 0, ("settings",), "cannot be made from them: ZeroDivisionError"),
        (lambda settings: settings, ("name",), "did not make BodyCodec"),
        (lambda settings: BodyCodec("read"), ("name",), "did not make BodyCodec"),  # type: ignore[arg-type]
        (lambda settings: BodyCodec(print, content_type="a\r\nb: c"), ("name",), "cannot stand in a header"),
    ],
    ids=["raises", "another thing", "no function", "no content type"],
)
def test_what_cannot_be_made_is_a_mistake_of_the_contract(
    bring: Bring, make: Callable[[Any], Any], path: tuple[str, ...], says: str
) -> None:
    bring(make)
    with pytest.raises(ContractError, match=says) as failure:
        in_lines()
    assert failure.value.path == ("submit", "format", "hook", *path)


def test_settings_that_it_refuses_are_found_with_their_line(bring: Bring, tmp_path: Path) -> None:
    def picky(settings: Separator) -> BodyCodec:
        raise ContractError(("separator",), "it is a letter", expected="a sign")

    for make, its_settings, says in [
        (lines, "{seperator: x}", r'"submit.format.hook.settings.seperator": .* Did you mean "separator"'),
        (picky, "{separator: x}", r'"submit.format.hook.settings.separator": it is a letter.*\n.*a sign'),
    ]:
        bring(make)
        text = changed(
            "submit:\n", f"submit:\n  format:\n    hook:\n      name: lines\n      settings: {its_settings}\n"
        )
        with pytest.raises(FileError, match=says) as failure:
            loaded(tmp_path, text)
        assert failure.value.line == text[: text.index("settings:")].count("\n") + 1


def test_a_name_that_nobody_brings(tmp_path: Path) -> None:
    with pytest.raises(FileError, match='no extractor is called "nobody-s"') as failure:
        loaded(tmp_path, changed("submit:\n", "submit:\n  format: {hook: {name: nobody-s}}\n"))
    assert "under the entry point ackord.extractors" in str(failure.value)


def test_one_that_does_not_write_is_read_and_not_emulated(bring: Bring) -> None:
    bring(lambda settings: lines(settings)._replace(write=None))
    with pytest.raises(UsageError, match="small cannot be emulated: what lines reads, nobody writes"):
        ContractEmulation(in_lines())


@pytest.mark.parametrize(
    ("write", "says"),
    [(lambda document: 1 / 0, "lines cannot write it: ZeroDivisionError"), (lambda document: "x", "lines wrote str")],
)
def test_one_that_writes_badly_is_told_why(bring: Bring, write: Callable[[Any], Any], says: str) -> None:
    bring(lambda settings: lines(settings)._replace(write=write))
    with pytest.raises(UsageError, match=f"small cannot be emulated: .*{says}"):
        ContractEmulation(in_lines())


def test_what_it_writes_wrongly_is_not_said(bring: Bring) -> None:
    """Whatever is written is read back before it is used."""
    bring(lambda settings: lines(settings)._replace(write=lambda document: b"status=OTHER"))
    with pytest.raises(UsageError, match="cannot be emulated"):
        ContractEmulation(in_lines())


# What a contract may say.


@pytest.mark.parametrize(
    ("way", "says"),
    [
        ("{}", "no way is given"),
        ('{hook: {name: x}, wechatpay_resource: {key: "emulated-k"}}', "hook together"),
        ("{wechat_resource: {key: k}}", 'Did you mean "wechatpay_resource"'),
        ("{hook: {}}", '"name" is missing'),
        ("{wechatpay_resource: {key: s3cret}}", "a key of 6 bytes"),
        ("{wechatpay_resource: {key: emulated-k, other_keys: [s3cret]}}", "a key of 6 bytes"),
        ("latin", "one of 'json', 'form', 'graphql' or 'xml'"),
        ("[json]", "one of 'json', 'form', 'graphql' or 'xml'"),
        ("{wechatpay_resource: {key: emulated-k}}", r"/code is no place in a body"),
    ],
)
def test_a_format_that_makes_no_sense_is_refused(way: str, says: str, tmp_path: Path) -> None:
    text = changed("submit:\n", f"submit:\n  format: {way}\n")
    text = text.replace("when: {status: 400}", "when: {status: 400, /code: X}") if "no place" in says else text
    with pytest.raises(FileError, match=says) as failure:
        loaded(tmp_path, text)
    assert "s3cret" not in str(failure.value)


def test_its_places_are_those_of_json() -> None:
    c = codec("submit:\n", "submit:\n  format: {wechatpay_resource: {key: emulated-k}}\n")
    assert c.reader(OperationKind.SUBMIT).form.typed

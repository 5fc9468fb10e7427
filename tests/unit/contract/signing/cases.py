"""Every scheme that signs, with settings for an emulator, bodies of the kind that it signs, and the headers that carry
its signatures.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode
from xml.etree.ElementTree import fromstring
from xml.sax.saxutils import escape

from ackord.contract.base.http_messages import HttpRequest, HttpResponse

__all__ = ["CASES", "Case"]

_KEYS = {"private_key": "emulated-A", "provider_key": "emulated-B"}
_JSON, _FORM, _XML = "application/json", "application/x-www-form-urlencoded", "text/xml"


class Case(NamedTuple):
    auth: dict[str, Any]
    body: Callable[[str], bytes]
    """A body that holds a text."""
    answer_body: Callable[[str], bytes]
    content_type: str
    carriers: tuple[str, ...] = ()
    """Headers of a request that carry the signature; empty: it stands in the body."""
    covers_target: bool = True
    signs_answers: bool = True
    signs_callbacks: bool = True
    content: Callable[[bytes], object] = bytes
    """What a body means: two bodies that mean the same may be signed alike."""
    answer_content: Callable[[bytes], object] = bytes

    def request(self, text: str) -> HttpRequest:
        return HttpRequest("POST", "/v1/orders?limit=5", (("content-type", self.content_type),), self.body(text))

    def answer(self, text: str) -> HttpResponse:
        return HttpResponse(200, {"content-type": self.content_type}, self.answer_body(text))


def _json(text: str) -> bytes:
    return json.dumps({"no": 1, "text": text}, ensure_ascii=False).encode()


def _xml(text: str) -> bytes:
    return f"<xml><b>{escape(text)}</b><a>1</a></xml>".encode()


def _elements(body: bytes) -> object:
    try:
        root = fromstring(body)
        return [(e.tag, e.text or "") for e in root if e.text]
    except (SyntaxError, ValueError):
        return body


def _form(text: str) -> bytes:
    return urlencode({"method": "a.b.c", "text": text}).encode()


def _fields(body: bytes) -> object:
    """What is signed: empty fields are not."""
    try:
        pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, strict_parsing=True, errors="surrogateescape")
        return [(name, value) for name, value in pairs if value]
    except ValueError:
        return body


def _alipay_answer(text: str) -> bytes:
    return json.dumps({"a_b_c_response": {"code": "10000", "text": text}}, ensure_ascii=False).encode()


def _alipay_content(body: bytes) -> object:
    """Blanks between the members mean nothing; those inside the one that is signed are signed."""
    found = re.fullmatch(rb'\{"a_b_c_response":\s(.*),"sign":(.*)\}', body, re.DOTALL)
    return found.groups() if found else body


def _unionpay_answer(text: str) -> bytes:
    return f"respCode=00&data={{a={text.encode().hex()}&b=2}}".encode()


_STRING = "${method}\n${target}\n${timestamp}\n${nonce}\n${header.content-type}\n${body}"
_ANSWER_STRING = "${status}\n${timestamp}\n${body}"
_SIGNATURE = {"string": _STRING, "headers": {"X-Sign": "t=${timestamp},n=${nonce},v1=${signature}"}}
_ANSWER_SIGNATURE = {"string": _ANSWER_STRING, "headers": {"X-Sign": "t=${timestamp},v1=${signature}"}}
_DECLARED = {"request": _SIGNATURE, "answer": _ANSWER_SIGNATURE, "callback": _SIGNATURE}
_WECHAT = {
    "mchid": "1900009191",
    "serial_no": "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C",
    "private_key": "emulated-A",
    "platform_key": "emulated-B",
    "platform_serial": "PUB_KEY_ID_1",
}
_PARTS = ["@method", "@request-target", "content-type", "content-digest"]
_HTTP = {"request": _PARTS, "callback": _PARTS, "answer": ["@status", "content-type", "content-digest", "@method;req"]}
_GOCARDLESS = {
    "algorithm": "ecdsa-p521-sha512-der",
    "digest": "sha256",
    "signature_header": "Gc-Signature",
    "input_header": "Gc-Signature-Input",
}

CASES = {
    "hmac": Case({"hmac": {"secret": "s", **_DECLARED}}, _json, _json, _JSON, ("X-Sign",)),
    "hmac-of-digest": Case(
        {"hmac": {"secret": "s", **_DECLARED, "request": {**_SIGNATURE, "string": "${secret}" + _STRING}}},
        _json, _json, _JSON, ("X-Sign",),
    ),
    "rsa": Case({"rsa": {**_KEYS, **_DECLARED}}, _json, _json, _JSON, ("X-Sign",)),
    "wechatpay2": Case({"wechatpay2": _WECHAT}, _json, _json, _JSON, ("authorization",)),
    "alipay_rsa2": Case(
        {"alipay_rsa2": {**_KEYS, "app_id": "2021"}}, _form, _alipay_answer, _FORM, content=_fields, answer_content=_alipay_content,
    ),
    "wechat_v2": Case(
        {"wechat_v2": {"key": "k"}}, _xml, _xml, _XML, covers_target=False, content=_elements, answer_content=_elements,
    ),
    "wechat_v2-hmac": Case(
        {"wechat_v2": {"key": "k", "algorithm": "HMAC-SHA256"}}, _xml, _xml, _XML, covers_target=False, content=_elements, answer_content=_elements,
    ),
    "unionpay": Case(
        {"unionpay": {**_KEYS, "cert_id": "68759663125"}}, _form, _unionpay_answer, _FORM, covers_target=False, content=_fields,
    ),
    **{
        f"jws_detached-{algorithm}": Case(
            {"jws_detached": {"algorithm": algorithm, **more}}, _json, _json, _JSON, ("x-jws-signature",), covers_target=False
        )
        for algorithm, more in [
            ("RS256", _KEYS), ("PS256", {**_KEYS, "b64": False}), ("ES256", _KEYS), ("ES384", _KEYS), ("ES512", _KEYS), ("EdDSA", _KEYS),
            ("HS256", {"secret": "s", "b64": False}),
        ]
    },
    "fspiop": Case(
        {"fspiop": {**_KEYS, "source": "dfsp1", "destination": "dfsp2"}}, _json, _json, _JSON,
        ("FSPIOP-Signature", "FSPIOP-Source", "FSPIOP-Destination"), signs_answers=False,
    ),
    **{
        f"http_message_signatures-{algorithm}": Case(
            {"http_message_signatures": {"algorithm": algorithm, **more, **_HTTP}}, _json, _json, _JSON,
            ("Signature", "Signature-Input", "Content-Digest"),
        )
        for algorithm, more in [
            ("ed25519", _KEYS), ("rsa-pss-sha512", _KEYS), ("rsa-v1_5-sha256", _KEYS), ("ecdsa-p256-sha256", _KEYS),
            ("ecdsa-p384-sha384", _KEYS), ("hmac-sha256", {"secret": "s"}),
        ]
    },
    "http_message_signatures-gocardless": Case(
        {"http_message_signatures": {**_GOCARDLESS, **_KEYS, **_HTTP}}, _json, _json, _JSON,
        ("Gc-Signature", "Gc-Signature-Input", "Content-Digest"),
    ),
}  # fmt: skip

"""Implements ``wechat_v2``: WeChat Pay's API v2. A flat XML body holds its own signature: MD5 or HMAC-SHA256 over its
elements sorted by name, and the key.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Literal
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from pydantic import Field

from ..base.field_types import Flag, StrictModel
from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from .base import Scheme
from .keys import Secret, same
from .sorted_parameters import Pairs, repeated_name, sorted_string

__all__ = ["SCHEME", "WeChatV2"]


class WeChatV2(StrictModel):
    """The key of API v2. `nonce_str` is added where a body does not have it. The contract itself says `sign_type` where
    the interface asks for it.
    """

    key: Secret = Field(description="The merchant's key of API v2.")
    algorithm: Literal["MD5", "HMAC-SHA256"] = Field(default="MD5", description="Both parties' algorithm.")
    answers: Flag = Field(
        default=True, description="Whether answers are signed; those of transfers (企业付款) and red packets are not."
    )
    callbacks: Flag = Field(default=True, description="Whether callbacks are signed.")


class _WeChatV2Side:
    def __init__(self, settings: WeChatV2) -> None:
        self._settings = settings

    def _signature(self, pairs: Pairs) -> str:
        key = self._settings.key
        text = f"{sorted_string(pairs, 'sign')}&key={key}".encode()
        if self._settings.algorithm == "MD5":
            return hashlib.md5(text).hexdigest().upper()
        return hmac.digest(key.encode(), text, "sha256").hex().upper()

    def _signed(self, body: bytes, timestamp_nonce: TimestampNonce) -> bytes | None:
        """Return the body with its signature in it; ``None`` for a body that cannot hold one."""
        pairs = _elements(body)
        if pairs is None or repeated_name(pairs) is not None or not pairs:
            return None
        more = [] if any(name == "nonce_str" for name, _ in pairs) else [("nonce_str", timestamp_nonce.nonce)]
        more.append(("sign", self._signature(pairs + more)))
        end = body.rindex(b"</")
        return body[:end] + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in more).encode() + body[end:]

    def _problem(self, body: bytes) -> str:
        pairs = _elements(body)
        if pairs is None:
            return "its body is not flat XML"
        if (name := repeated_name(pairs)) is not None:
            return f"the element {name} is given twice"
        signature = dict(pairs).get("sign")
        if not signature:
            return "it is not signed: the element sign is missing"
        return "" if same(signature, self._signature(pairs)) else "its signature is wrong"


class _WeChatV2Merchant(_WeChatV2Side):
    def sign(self, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        body = self._signed(request.body, timestamp_nonce)
        if body is None:
            raise ValueError("only a flat XML body can be signed as WeChat Pay's API v2 does")
        return request._replace(body=body)

    def problem_of(self, answer: HttpResponse, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        return self._problem(answer.body) if self._settings.answers else ""

    def problem_of_callback(self, callback: HttpRequest, at: TimestampNonce | None = None) -> str:
        return self._problem(callback.body) if self._settings.callbacks else ""


class _WeChatV2Provider(_WeChatV2Side):
    def problem_of(self, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        return self._problem(request.body)

    def sign(self, answer: HttpResponse, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpResponse:
        """Sign the answer. An answer that is not flat XML stays unchanged."""
        body = self._signed(answer.body, timestamp_nonce) if self._settings.answers else None
        return answer if body is None else answer._replace(body=body)

    def sign_callback(self, callback: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        body = self._signed(callback.body, timestamp_nonce) if self._settings.callbacks else None
        return callback if body is None else callback._replace(body=body)


def _elements(body: bytes) -> Pairs | None:
    """Return names and texts of the root's elements; ``None`` if it is not flat."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    if any(len(element) for element in root):
        return None
    return [(element.tag, element.text or "") for element in root]


SCHEME = Scheme(
    name="wechat_v2",
    about="WeChat Pay, API v2: a signature inside a flat XML body, with a key that both parties have.",
    settings=WeChatV2,
    merchant=_WeChatV2Merchant,
    provider=_WeChatV2Provider,
)

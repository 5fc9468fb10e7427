"""Implements ``wechatpay2``: WeChat Pay's API v3 (``WECHATPAY2-SHA256-RSA2048``).

Requests carry their signature in ``Authorization``, answers and callbacks in ``Wechatpay-*`` headers. Callbacks are
also encrypted; the contract's format ``wechatpay_resource`` decrypts them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pydantic import Field

from ..base.field_types import Duration
from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from .algorithms import PartyKeys, decoded, encoded, merchant_keys, provider_keys
from .base import Scheme, header_of, with_headers, with_response_headers
from .declared_signature import too_old
from .keys import PrivateKey, PublicKey
from .rotated_keys import RotatedKeys

__all__ = ["SCHEME", "WeChatPay2"]

_METHOD = "WECHATPAY2-SHA256-RSA2048"
_FIELDS = ("mchid", "nonce_str", "signature", "timestamp", "serial_no")
_PAIR = re.compile(r'([a-z_]+)="([^"]*)"')
_HEADERS = ("Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature", "Wechatpay-Serial")


class WeChatPay2(RotatedKeys):
    """A merchant of WeChat Pay, API v3. Every answer must be signed, whatever its status: one that is not may come from
    anybody.
    """

    mchid: str = Field(min_length=1, description="The merchant's number.")
    serial_no: str = Field(min_length=1, description="The serial number of the merchant's certificate.")
    private_key: PrivateKey = Field(description="The private key of the merchant's certificate.")
    platform_key: PublicKey = Field(description="WeChat Pay's public key, or the platform's certificate.")
    platform_serial: str = Field(
        min_length=1,
        description="What `Wechatpay-Serial` says: the public key's identifier, or the certificate's serial number.",
    )
    tolerance: Duration = Field(
        default=Duration("5m"), description="A timestamp may be this far from the time of arrival."
    )


class _WeChatPay2Side:
    def __init__(self, settings: WeChatPay2, keys: PartyKeys) -> None:
        self._settings = settings
        self._keys = keys

    def _signature(self, signed: bytes) -> str:
        return encoded(self._keys.sign(signed))

    def _problem(self, signed: bytes, signature: str, timestamp: str, at: TimestampNonce | None) -> str:
        if not re.fullmatch(r"[0-9]{1,12}", timestamp):
            return "its timestamp is not a number of seconds"
        if at is not None and (old := too_old(int(timestamp), self._settings.tolerance.ns / 1e9, at)):
            return old
        data = decoded(signature)
        return "" if data is not None and self._keys.verify(signed, data) else "its signature is wrong"


class _WeChatPay2Merchant(_WeChatPay2Side):
    def sign(self, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        timestamp = str(timestamp_nonce.unix_s)
        values = (
            self._settings.mchid,
            timestamp_nonce.nonce,
            self._signature(_request_string(request, timestamp, timestamp_nonce.nonce)),
            timestamp,
            self._settings.serial_no,
        )
        pairs = ",".join(f'{name}="{value}"' for name, value in zip(_FIELDS, values, strict=True))
        return with_headers(request, ("authorization", f"{_METHOD} {pairs}"))

    def signed_string(self, request: HttpRequest) -> str:
        fields = dict(_PAIR.findall(header_of(request.headers, "authorization") or ""))
        if not {"timestamp", "nonce_str"} <= fields.keys():
            return ""
        return _request_string(request, fields["timestamp"], fields["nonce_str"]).decode("utf-8", "replace")

    def problem_of(self, answer: HttpResponse, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        return self._problem_of(lambda name: answer.headers.get(name.lower()), answer.body, at)

    def problem_of_callback(self, callback: HttpRequest, at: TimestampNonce | None = None) -> str:
        return self._problem_of(lambda name: header_of(callback.headers, name), callback.body, at)

    def _problem_of(self, header: Callable[[str], str | None], body: bytes, at: TimestampNonce | None) -> str:
        values = []
        for name in _HEADERS:
            value = header(name)
            if not value:
                return f"it is not signed: the header {name} is missing"
            values.append(value)
        timestamp, nonce, signature, serial = values
        if serial != self._settings.platform_serial:
            return f"its serial number is not {self._settings.platform_serial}"
        return self._problem(_answer_string(body, timestamp, nonce), signature, timestamp, at)


class _WeChatPay2Provider(_WeChatPay2Side):
    def problem_of(self, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        value = header_of(request.headers, "authorization")
        if value is None:
            return "it is not signed: the header Authorization is missing"
        method, _, text = value.partition(" ")
        pairs = _PAIR.findall(text)
        fields = dict(pairs)
        well_formed = len(pairs) == len(fields) and ",".join(f'{n}="{v}"' for n, v in pairs) == text.replace(", ", ",")
        if method != _METHOD or not well_formed or sorted(fields) != sorted(_FIELDS):
            return f"the header Authorization does not hold {_METHOD} and {', '.join(_FIELDS)}"
        for name, expected in (("mchid", self._settings.mchid), ("serial_no", self._settings.serial_no)):
            if fields[name] != expected:
                return f"its {name} is not {expected}"
        signed = _request_string(request, fields["timestamp"], fields["nonce_str"])
        return self._problem(signed, fields["signature"], fields["timestamp"], at)

    def sign(self, answer: HttpResponse, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpResponse:
        return with_response_headers(answer, *self._headers(answer.body, timestamp_nonce))

    def sign_callback(self, callback: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        return with_headers(callback, *self._headers(callback.body, timestamp_nonce))

    def _headers(self, body: bytes, timestamp_nonce: TimestampNonce) -> list[tuple[str, str]]:
        timestamp = str(timestamp_nonce.unix_s)
        signature = self._signature(_answer_string(body, timestamp, timestamp_nonce.nonce))
        values = (timestamp, timestamp_nonce.nonce, signature, self._settings.platform_serial)
        return list(zip(_HEADERS, values, strict=True))


def _request_string(request: HttpRequest, timestamp: str, nonce: str) -> bytes:
    return f"{request.method}\n{request.target}\n{timestamp}\n{nonce}\n".encode() + request.body + b"\n"


def _answer_string(body: bytes, timestamp: str, nonce: str) -> bytes:
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


SCHEME = Scheme(
    name="wechatpay2",
    about="WeChat Pay, API v3: `WECHATPAY2-SHA256-RSA2048`; answers and callbacks are verified.",
    settings=WeChatPay2,
    merchant=lambda s: _WeChatPay2Merchant(s, merchant_keys(s, "rsa-sha256", public="platform_key")),
    provider=lambda s: _WeChatPay2Provider(s, provider_keys(s, "rsa-sha256", public="platform_key")),
    fills_authorization=True,
)

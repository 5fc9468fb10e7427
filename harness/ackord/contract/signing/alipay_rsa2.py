"""Implements ``alipay_rsa2``: Alipay's open platform (SHA256withRSA over sorted parameters).

A request's parameters are those of its query and of its form together. An answer is a JSON object with one signed
member. The signature covers that member's original bytes, so they are cut out of the text and not serialised again. A
callback is a form.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Literal

from pydantic import Field

from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from .algorithms import PartyKeys, decoded, encoded, merchant_keys, provider_keys
from .base import Scheme
from .keys import PrivateKey, PublicKey
from .rotated_keys import RotatedKeys
from .sorted_parameters import Pairs, read_form, repeated_name, sorted_string, with_pairs

__all__ = ["SCHEME", "AlipayRsa2", "members"]

_CHINA = timezone(timedelta(hours=8))
_DECODER = json.JSONDecoder()
_BLANKS = " \t\r\n"


class AlipayRsa2(RotatedKeys):
    """An application of Alipay's open platform. Parameters that every request needs (`app_id`, `charset`, `sign_type`,
    `timestamp`, `version`) are added where the request does not have them.
    """

    app_id: str = Field(min_length=1, description="The application's number.")
    private_key: PrivateKey = Field(description="The application's private key.")
    provider_key: PublicKey = Field(description="Alipay's public key, or its certificate in certificate mode.")
    charset: Literal["utf-8", "gbk"] = Field(default="utf-8", description="How texts are encoded.")
    app_cert_sn: str | None = Field(default=None, description="Certificate mode: the application certificate's number.")
    alipay_root_cert_sn: str | None = Field(
        default=None, description="Certificate mode: the root certificate's number."
    )
    alipay_cert_sn: str | None = Field(
        default=None, description="Certificate mode: what an answer must say; left out: it is not looked at."
    )


class _AlipaySide:
    def __init__(self, settings: AlipayRsa2, keys: PartyKeys) -> None:
        self._settings = settings
        self._keys = keys

    def _sign(self, text: str) -> str:
        return encoded(self._keys.sign(text.encode(self._settings.charset)))

    def _problem(self, signed: str, signature: object) -> str:
        data = decoded(signature) if isinstance(signature, str) else None
        try:
            message = signed.encode(self._settings.charset)
        except UnicodeEncodeError:
            return f"it is not {self._settings.charset} text"
        return "" if data is not None and self._keys.verify(message, data) else "its signature is wrong"

    def _form_problem(self, pairs: Pairs | None, *unsigned: str, blank: bool) -> str:
        if pairs is None:
            return "its parameters are not a form"
        if (name := repeated_name(pairs)) is not None:
            return f"the parameter {name} is given twice"
        signature = dict(pairs).get("sign")
        if not signature:
            return "it is not signed: the parameter sign is missing"
        if dict(pairs).get("sign_type") != "RSA2":
            return "its sign_type is not RSA2"
        return self._problem(sorted_string(pairs, "sign", *unsigned, blank=blank), signature)


class _AlipayMerchant(_AlipaySide):
    def sign(self, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        settings = self._settings
        form = _form_of(request)
        pairs = _parameters(request.target, form)
        if pairs is None:
            raise ValueError("only a form, or parameters in the address, can be signed as Alipay does")
        local = datetime.fromtimestamp(timestamp_nonce.unix_s, UTC).astimezone(_CHINA)
        wanted = {
            "app_id": settings.app_id,
            "charset": settings.charset,
            "sign_type": "RSA2",
            "timestamp": local.strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            "app_cert_sn": settings.app_cert_sn,
            "alipay_root_cert_sn": settings.alipay_root_cert_sn,
        }
        given = {name for name, _ in pairs}
        more = [(name, value) for name, value in wanted.items() if value is not None and name not in given]
        more.append(("sign", self._sign(sorted_string(pairs + more))))
        if form is not None:
            return request._replace(body=with_pairs(form, more).encode())
        path, _, query = request.target.partition("?")
        return request._replace(target=f"{path}?{with_pairs(query, more)}")

    def problem_of(self, answer: HttpResponse, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        found = members(_text(answer.body, self._settings.charset))
        if found is None:
            return "it is not a JSON object with each name once"
        name = _signed_member(found, request)
        if name is None:
            return "no member of it is the operation's response"
        if "sign" not in found:
            return "it is not signed: the member sign is missing"
        expected = self._settings.alipay_cert_sn
        if expected is not None and _plain(found.get("alipay_cert_sn", "")) != expected:
            return f"its alipay_cert_sn is not {expected}"
        return self._problem(found[name], _plain(found["sign"]))

    def problem_of_callback(self, callback: HttpRequest, at: TimestampNonce | None = None) -> str:
        form = _text(callback.body, "ascii")
        return self._form_problem(read_form(form) if form else None, "sign_type", blank=True)


class _AlipayProvider(_AlipaySide):
    def problem_of(self, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        pairs = _parameters(request.target, _form_of(request))
        problem = self._form_problem(pairs, blank=False)
        if not problem and dict(pairs or ()).get("app_id") != self._settings.app_id:
            return f"its app_id is not {self._settings.app_id}"
        return problem

    def sign(self, answer: HttpResponse, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpResponse:
        """Sign the answer. An answer that is not of Alipay's form stays unchanged."""
        text = _text(answer.body, self._settings.charset)
        found = members(text)
        name = None if found is None else _signed_member(found, request)
        if found is None or name is None or text is None:
            return answer
        more = {"sign": self._sign(found[name])}
        if self._settings.alipay_cert_sn is not None:
            more["alipay_cert_sn"] = self._settings.alipay_cert_sn
        tail = "".join(f",{json.dumps(key)}:{json.dumps(value)}" for key, value in more.items())
        return answer._replace(body=f"{text.rstrip(_BLANKS)[:-1]}{tail}}}".encode(self._settings.charset))

    def sign_callback(self, callback: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        form = _text(callback.body, "ascii")
        pairs = None if form is None else read_form(form)
        if form is None or pairs is None:
            raise ValueError("only a form can be signed as Alipay signs callbacks")
        more = [("sign_type", "RSA2"), ("sign", self._sign(sorted_string(pairs, blank=True)))]
        return callback._replace(body=with_pairs(form, more).encode())


def _text(body: bytes, charset: str) -> str | None:
    try:
        return body.decode(charset)
    except UnicodeDecodeError:
        return None


def _form_of(request: HttpRequest) -> str | None:
    """Return the body as a form; a body that is no form gives no parameters."""
    return _text(request.body, "latin-1") if request.body else None


def _parameters(target: str, form: str | None) -> Pairs | None:
    query = read_form(target.partition("?")[2])
    body = read_form(form or "")
    return None if query is None or body is None else query + body


def _signed_member(found: dict[str, str], request: HttpRequest) -> str | None:
    """Return the signed member: the operation's response, or ``error_response``. Without an operation, the only member
    whose name marks a response.
    """
    if "error_response" in found:
        return "error_response"
    pairs = _parameters(request.target, _form_of(request)) or []
    method = dict(pairs).get("method")
    if method is not None:
        name = f"{method.replace('.', '_')}_response"
        return name if name in found else None
    names = [name for name in found if name.endswith("_response")]
    return names[0] if len(names) == 1 else None


def _plain(text: str) -> object:
    return json.loads(text) if text else None


def members(text: str | None) -> dict[str, str] | None:
    """Return the members of a JSON object with each value's original text; ``None`` for anything but an object with
    unique names.
    """
    if text is None or not text.strip(_BLANKS).startswith("{"):
        return None
    found: dict[str, str] = {}
    try:
        at = _skip(text, text.index("{") + 1)
        while text[at] != "}":
            if text[at] != '"':
                return None
            name, at = scanstring(text, at + 1, True)
            at = _skip(text, at)
            if text[at] != ":" or name in found:
                return None
            start = _skip(text, at + 1)
            _, at = _DECODER.raw_decode(text, start)
            found[name] = text[start:at]
            at = _skip(text, at)
            if text[at] == ",":
                at = _skip(text, at + 1)
                if text[at] == "}":
                    return None
            elif text[at] != "}":
                return None
    except (ValueError, IndexError, RecursionError):
        return None
    return found if not text[at + 1 :].strip(_BLANKS) else None


def _skip(text: str, at: int) -> int:
    while text[at] in _BLANKS:
        at += 1
    return at


SCHEME = Scheme(
    name="alipay_rsa2",
    about="Alipay's open platform: RSA2 over sorted parameters; answers and callbacks are verified.",
    settings=AlipayRsa2,
    merchant=lambda settings: _AlipayMerchant(settings, merchant_keys(settings, "rsa-sha256")),
    provider=lambda settings: _AlipayProvider(settings, provider_keys(settings, "rsa-sha256")),
)

"""Implements ``unionpay``: UnionPay's gateway, version 5.1.0. RSA signs the hexadecimal SHA-256 of the form fields
sorted by name.

An answer is ``a=1&b=2`` without percent-encoding, in which a value in braces may hold ``&``; a callback is an ordinary
form.
"""

from __future__ import annotations

import hashlib

from pydantic import Field

from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from .algorithms import PartyKeys, decoded, encoded, merchant_keys, provider_keys
from .base import Scheme
from .keys import PrivateKey, PublicKey
from .rotated_keys import RotatedKeys
from .sorted_parameters import Pairs, read_form, repeated_name, sorted_string, with_pairs

__all__ = ["SCHEME", "UnionPay", "split_response"]


class UnionPay(RotatedKeys):
    """A merchant of UnionPay. `certId` and `signMethod` are added to requests. A certificate that an answer brings
    along (`signPubKeyCert`) is not trusted: the key here verifies it.
    """

    cert_id: str = Field(min_length=1, description="The serial number of the merchant's certificate: `certId`.")
    private_key: PrivateKey = Field(description="The private key of the merchant's certificate.")
    provider_key: PublicKey = Field(description="UnionPay's public key or certificate.")


class _UnionPaySide:
    def __init__(self, settings: UnionPay, keys: PartyKeys) -> None:
        self._settings = settings
        self._keys = keys

    def _sign(self, pairs: Pairs) -> str:
        return encoded(self._keys.sign(_digest(pairs)))

    def _problem(self, pairs: Pairs | None) -> str:
        if pairs is None:
            return "its body is not a form"
        if (name := repeated_name(pairs)) is not None:
            return f"the field {name} is given twice"
        signature = dict(pairs).get("signature")
        if not signature:
            return "it is not signed: the field signature is missing"
        data = decoded(signature)
        return "" if data is not None and self._keys.verify(_digest(pairs), data) else "its signature is wrong"


class _UnionPayMerchant(_UnionPaySide):
    def sign(self, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        pairs = _form(request.body)
        if pairs is None:
            raise ValueError("only a form can be signed as UnionPay does")
        wanted = (("certId", self._settings.cert_id), ("signMethod", "01"))
        given = {name for name, _ in pairs}
        more = [(name, value) for name, value in wanted if name not in given]
        more.append(("signature", self._sign(pairs + more)))
        return request._replace(body=with_pairs(request.body.decode(), more).encode())

    def problem_of(self, answer: HttpResponse, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        return self._problem(split_response(answer.body))

    def problem_of_callback(self, callback: HttpRequest, at: TimestampNonce | None = None) -> str:
        return self._problem(_form(callback.body))


class _UnionPayProvider(_UnionPaySide):
    def problem_of(self, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        pairs = _form(request.body)
        problem = self._problem(pairs)
        if not problem and dict(pairs or ()).get("certId") != self._settings.cert_id:
            return f"its certId is not {self._settings.cert_id}"
        return problem

    def sign(self, answer: HttpResponse, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpResponse:
        """Sign the answer. An answer that is no form stays unchanged."""
        pairs = split_response(answer.body)
        if not pairs or repeated_name(pairs) is not None:
            return answer
        return answer._replace(body=answer.body + f"&signature={self._sign(pairs)}".encode())

    def sign_callback(self, callback: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        pairs = _form(callback.body)
        if pairs is None:
            raise ValueError("only a form can be signed as UnionPay does")
        return callback._replace(body=with_pairs(callback.body.decode(), [("signature", self._sign(pairs))]).encode())


def _digest(pairs: Pairs) -> bytes:
    return hashlib.sha256(sorted_string(pairs, "signature").encode()).hexdigest().encode()


def _form(body: bytes) -> Pairs | None:
    try:
        return read_form(body.decode("ascii"))
    except UnicodeDecodeError:
        return None


def split_response(body: bytes) -> Pairs | None:
    """Parse the fields of an answer; ``None`` for another form."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    fields = [""]
    depth = 0
    for character in text:
        depth += (character in "{[") - (character in "}]")
        if character == "&" and depth <= 0:
            fields.append("")
        else:
            fields[-1] += character
    pairs = [field.partition("=") for field in fields]
    return [(name, value) for name, _, value in pairs] if all(name and sign for name, sign, _ in pairs) else None


SCHEME = Scheme(
    name="unionpay",
    about="UnionPay's gateway 5.1.0: RSA over the SHA-256 of sorted form fields; answers and callbacks are verified.",
    settings=UnionPay,
    merchant=lambda settings: _UnionPayMerchant(settings, merchant_keys(settings, "rsa-sha256")),
    provider=lambda settings: _UnionPayProvider(settings, provider_keys(settings, "rsa-sha256")),
)

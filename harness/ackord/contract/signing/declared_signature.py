"""Signs and verifies with a signature template that a contract declares; the schemes ``hmac`` and ``rsa`` share it."""

from __future__ import annotations

from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from .algorithms import PartyKeys, TextEncoding, decoded, encoded
from .base import with_headers, with_response_headers
from .signature_template import HeaderForm, MessageParts, Signature, moment_values, render, split, unix_s_of

__all__ = ["DeclaredMerchant", "DeclaredProvider", "DeclaredSignature", "too_old"]


def too_old(unix_s: int, tolerance_s: float, at: TimestampNonce) -> str:
    """Return why a timestamp is refused; empty if it is recent enough."""
    apart_s = at.unix_s - unix_s
    if abs(apart_s) <= tolerance_s:
        return ""
    return f"its timestamp is {abs(apart_s)} s {'old' if apart_s > 0 else 'ahead'}, more than {tolerance_s:g} s"


class DeclaredSignature:
    """One signature, for the party that makes it and for the party that verifies it."""

    def __init__(self, declared: Signature, keys: PartyKeys, encoding: TextEncoding, fixed: dict[str, str]) -> None:
        self._string = split(declared.string)
        self._headers = {name: HeaderForm(text) for name, text in declared.headers.items()}
        self._tolerance_s = None if declared.tolerance is None else declared.tolerance.ns / 1e9
        self._keys = keys
        self._encoding = encoding
        self._fixed = fixed

    def headers(self, message: MessageParts, timestamp_nonce: TimestampNonce) -> list[tuple[str, str]]:
        """Return the headers that carry the signature."""
        values = {**moment_values(timestamp_nonce), **self._fixed}
        values["signature"] = encoded(self._keys.sign(render(self._string, message, values)), self._encoding)
        return [(name, form.write(message, values)) for name, form in self._headers.items()]

    def signed_string(self, message: MessageParts) -> str:
        """Return the string that a signed message was signed over, its secret left out; empty if it is not signed."""
        values: dict[str, str] = {}
        for name, form in self._headers.items():
            value = message.header(name)
            read = None if value is None else form.read(value, message, self._fixed)
            if read is None:
                return ""
            values |= {key: texts[0] for key, texts in read.items()}
        shown = {**values, **self._fixed, **({"secret": "${secret}"} if "secret" in self._fixed else {})}
        return render(self._string, message, shown).decode("utf-8", "replace")

    def problem(self, message: MessageParts, at: TimestampNonce | None) -> str:
        """Return why the message is not genuine; empty if it is."""
        found: dict[str, list[str]] = {}
        for name, form in self._headers.items():
            value = message.header(name)
            if value is None:
                return f"it is not signed: the header {name} is missing"
            read = form.read(value, message, self._fixed)
            if read is None:
                return f"the header {name} does not have the form that the contract declares"
            for key, texts in read.items():
                found.setdefault(key, []).extend(texts)
        signatures = found.pop("signature")
        several = next((key for key, texts in found.items() if len(set(texts)) > 1), None)
        if several:
            return f"it says two different things as its {several}"
        values = {key: texts[0] for key, texts in found.items()}
        if self._tolerance_s is not None and at is not None:
            unix_s = unix_s_of(values)
            if unix_s is None:
                return "its timestamp cannot be read"
            if old := too_old(unix_s, self._tolerance_s, at):
                return old
        signed = render(self._string, message, {**values, **self._fixed})
        for signature in signatures:
            data = decoded(signature, self._encoding)
            if data is not None and self._keys.verify(signed, data):
                return ""
        return "its signature is wrong"


class _Declared:
    """The declared signatures; a message without one is neither signed nor verified."""

    def __init__(
        self,
        request: DeclaredSignature | None,
        answer: DeclaredSignature | None,
        callback: DeclaredSignature | None,
    ) -> None:
        self._request = request
        self._answer = answer
        self._callback = callback


class DeclaredMerchant(_Declared):
    def sign(self, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        if self._request is None:
            return request
        return with_headers(request, *self._request.headers(MessageParts.of_request(request), timestamp_nonce))

    def signed_string(self, request: HttpRequest) -> str:
        return self._request.signed_string(MessageParts.of_request(request)) if self._request else ""

    def problem_of(self, answer: HttpResponse, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        return self._answer.problem(MessageParts.of_answer(answer, request), at) if self._answer else ""

    def problem_of_callback(self, callback: HttpRequest, at: TimestampNonce | None = None) -> str:
        return self._callback.problem(MessageParts.of_request(callback), at) if self._callback else ""


class DeclaredProvider(_Declared):
    def problem_of(self, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        return self._request.problem(MessageParts.of_request(request), at) if self._request else ""

    def sign(self, answer: HttpResponse, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpResponse:
        if self._answer is None:
            return answer
        return with_response_headers(
            answer, *self._answer.headers(MessageParts.of_answer(answer, request), timestamp_nonce)
        )

    def sign_callback(self, callback: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        if self._callback is None:
            return callback
        return with_headers(callback, *self._callback.headers(MessageParts.of_request(callback), timestamp_nonce))

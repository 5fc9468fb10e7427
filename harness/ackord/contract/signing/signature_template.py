"""Declares signatures as text: templates such as ``${timestamp}.${body}`` over the parts of a message, and headers that
carry the signature.

Some variables travel in the headers (time, nonce, signature); the verifier takes them from there unchanged. All others
are computed from the message. A header whose template has commas is a list, as in ``t=${timestamp},v1=${signature}``.
Its elements may come in any order, and unknown ones are ignored. Of several signatures one must be valid, because
providers rotate secrets this way.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, NamedTuple, Self

from pydantic import AfterValidator, Field, model_validator

from ...errors import did_you_mean
from ..base.field_types import Duration, HeaderName, StrictModel, field_problem
from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce, header_name
from .base import header_of

__all__ = ["CARRIED", "HeaderForm", "MessageParts", "Signature", "moment_values", "render", "split", "unix_s_of"]

_VARIABLE = re.compile(r"\$\$\{|\$\{([^}]*)(\}?)")

CARRIED = {
    "timestamp": r"[0-9]{1,12}",
    "timestamp.ms": r"[0-9]{1,15}",
    "timestamp.iso": r"[0-9TZ:.+-]{1,40}",
    "nonce": r"[A-Za-z0-9_=+/.:-]{1,128}",
    "signature": r"[A-Za-z0-9_=+/-]+",
}
"""Variables that travel in a header, with the pattern of their text."""


class MessageParts(NamedTuple):
    """The parts of a request or an answer. An answer has the method and the target of its request."""

    method: str
    target: str
    header: Callable[[str], str | None]
    body: bytes
    status: int = 0

    @classmethod
    def of_request(cls, request: HttpRequest) -> MessageParts:
        return cls(request.method, request.target, lambda name: header_of(request.headers, name), request.body)

    @classmethod
    def of_answer(cls, answer: HttpResponse, request: HttpRequest) -> MessageParts:
        return cls(
            request.method, request.target, lambda name: answer.headers.get(name.lower()), answer.body, answer.status
        )


_FROM_MESSAGE: dict[str, Callable[[MessageParts], bytes]] = {
    "method": lambda m: m.method.encode(),
    "target": lambda m: m.target.encode(),
    "path": lambda m: m.target.partition("?")[0].encode(),
    "query": lambda m: m.target.partition("?")[2].encode(),
    "status": lambda m: str(m.status).encode(),
    "body": lambda m: m.body,
    "body.sha256": lambda m: hashlib.sha256(m.body).hexdigest().encode(),
    "body.sha256.base64": lambda m: base64.b64encode(hashlib.sha256(m.body).digest()),
    "body.sha512": lambda m: hashlib.sha512(m.body).hexdigest().encode(),
    "body.md5": lambda m: hashlib.md5(m.body).hexdigest().encode(),
    "body.md5.base64": lambda m: base64.b64encode(hashlib.md5(m.body).digest()),
}
_FIXED = ("key_id", "secret")
"""Variables from the settings."""
_IN_STRING = [*_FROM_MESSAGE, *(name for name in CARRIED if name != "signature"), *_FIXED, "header.NAME"]
_IN_HEADER = [*CARRIED, "key_id", *(name for name in _FROM_MESSAGE if name.startswith("body."))]


def split(text: str) -> list[tuple[str, str]]:
    """Return the literal texts, each with the variable that follows it (empty after the last). Raises ``ValueError``
    for an unclosed variable.
    """
    parts: list[tuple[str, str]] = []
    literal = ""
    at = 0
    for match in _VARIABLE.finditer(text):
        literal += text[at : match.start()]
        at = match.end()
        if match[1] is None:
            literal += "${"
            continue
        if not match[2]:
            raise ValueError("text in which every ${ is closed by }")
        parts.append((literal, match[1]))
        literal = ""
    return [*parts, (literal + text[at:], "")]


def _checked(text: str, known: list[str]) -> str:
    for _, name in split(text):
        if name.startswith("header.") and "header.NAME" in known:
            header_name(name.removeprefix("header."))
        elif name and name not in known:
            raise ValueError(
                f"variables that exist here, not ${{{name}}}.{did_you_mean(name, known)} Known: {', '.join(known)}"
            )
    return text


def _names(text: str) -> set[str]:
    return {name for _, name in split(text) if name}


class Signature(StrictModel):
    """One signature: the signed template, and the headers that carry it."""

    string: Annotated[str, AfterValidator(lambda text: _checked(text, _IN_STRING))] = Field(
        description="What is signed, over "
        + ", ".join(f"`${{{name}}}`" for name in _IN_STRING)
        + '. An answer has the method and the target of its request. In double quotes `"\\n"` is a line end.'
    )
    headers: dict[HeaderName, Annotated[str, AfterValidator(lambda text: _checked(text, _IN_HEADER))]] = Field(
        min_length=1,
        description="Headers that carry it, over "
        + ", ".join(f"`${{{name}}}`" for name in _IN_HEADER)
        + ': `{X-Signature: "t=${timestamp},v1=${signature}"}`. A text with commas is a list whose elements '
        "may come in any order, with others between them.",
    )
    tolerance: Duration | None = Field(
        default=None, description="A timestamp may be this far from the time of arrival; left out: any age will do."
    )

    @model_validator(mode="after")
    def _verifiable(self) -> Self:
        carried = [name for text in self.headers.values() for _, name in split(text) if name in CARRIED]
        if carried.count("signature") != 1:
            raise field_problem("headers", "${signature} must stand in them, once")
        for name in sorted(_names(self.string) & CARRIED.keys()):
            if name not in carried:
                raise field_problem(
                    "string", f"${{{name}}} is signed, but no header carries it", expected=f"${{{name}}} in headers"
                )
        if self.tolerance and not any(name.startswith("timestamp") for name in carried):
            raise field_problem("tolerance", "no header carries a ${timestamp} whose age could be judged")
        return self


def render(text: list[tuple[str, str]], message: MessageParts, values: Mapping[str, str]) -> bytes:
    """Return the headers. ``values`` are the travelling variables and those of the settings; a header that is absent is
    empty.
    """
    parts: list[bytes] = []
    for literal, name in text:
        parts.append(literal.encode())
        if name in values:
            parts.append(values[name].encode())
        elif name.startswith("header."):
            parts.append((message.header(name.removeprefix("header.")) or "").encode())
        elif name:
            parts.append(_FROM_MESSAGE[name](message))
    return b"".join(parts)


def moment_values(timestamp_nonce: TimestampNonce) -> dict[str, str]:
    """Return the variables that depend on the time and the nonce."""
    iso = datetime.fromtimestamp(timestamp_nonce.unix_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "timestamp": str(timestamp_nonce.unix_s),
        "timestamp.ms": str(timestamp_nonce.unix_s * 1000),
        "timestamp.iso": iso,
        "nonce": timestamp_nonce.nonce,
    }


def unix_s_of(values: Mapping[str, str]) -> int | None:
    """Return when a message says that it was signed; ``None`` if it does not say so readably."""
    try:
        if "timestamp" in values:
            return int(values["timestamp"])
        if "timestamp.ms" in values:
            return int(values["timestamp.ms"]) // 1000
        timestamp_nonce = datetime.fromisoformat(values["timestamp.iso"])
        return int((timestamp_nonce if timestamp_nonce.tzinfo else timestamp_nonce.replace(tzinfo=UTC)).timestamp())
    except (KeyError, ValueError, OverflowError):
        return None


class HeaderForm:
    """A header's template, which can be written and parsed."""

    def __init__(self, text: str) -> None:
        self._whole = split(text)
        self._is_list = "," in text
        self._elements = [split(part.strip()) for part in text.split(",")] if self._is_list else [self._whole]

    def write(self, message: MessageParts, values: Mapping[str, str]) -> str:
        return render(self._whole, message, values).decode()

    def read(self, value: str, message: MessageParts, fixed: Mapping[str, str]) -> dict[str, list[str]] | None:
        """Return all values of each travelling variable; ``None`` if the header does not have this form."""
        given = [part.strip() for part in value.split(",")] if self._is_list else [value]
        found: dict[str, list[str]] = {}
        for element in self._elements:
            names = [name for _, name in element if name in CARRIED]
            form = re.compile(self._pattern(element, message, fixed))
            matches = [match for match in map(form.fullmatch, given) if match]
            if not matches:
                return None
            for match in matches:
                for name, text in zip(names, match.groups(), strict=True):
                    found.setdefault(name, []).append(text)
        return found

    @staticmethod
    def _pattern(element: list[tuple[str, str]], message: MessageParts, fixed: Mapping[str, str]) -> str:
        pattern = ""
        for literal, name in element:
            pattern += re.escape(literal)
            if name in CARRIED:
                pattern += f"({CARRIED[name]})"
            elif name:
                pattern += re.escape(render([("", name)], message, fixed).decode())
        return pattern

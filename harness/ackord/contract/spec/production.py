"""Define how a provider's real thing looks, so that it is recognised and refused: its hosts and its live keys."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from ..base.field_types import StrictModel, field_problem
from ..base.patterns import Search, compile_pattern

__all__ = ["ProductionSpec", "looks_live"]

_LIVE_KEY = re.compile(r"\b(?:[a-z]+_)?live_(?=[A-Za-z]*[0-9])[A-Za-z0-9]{12,}")
"""Live keys as Stripe, Paystack, Razorpay, Mollie and others write them: ``sk_live_...``."""
_WORDS = re.compile(r"[^\s:=,;&?/\"'()\[\]{}]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")


def _host_pattern(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9*-]+(\.[a-z0-9*-]+)+", text):
        raise ValueError("a host in lower case, such as api.example.com or *.live.example.com")
    return text


def _key_pattern(text: str) -> str:
    compile_pattern(text)
    return text


class ProductionSpec(StrictModel):
    """The provider's real thing. A run against it is refused, whatever the flags, unless `--production` names it."""

    hosts: list[Annotated[str, AfterValidator(_host_pattern)]] = Field(
        default=[], description="Hosts on which money is real; `*` stands for any characters."
    )
    keys: list[Annotated[str, AfterValidator(_key_pattern)]] = Field(
        default=[],
        description="Regular expressions that live keys meet and sandbox keys do not (`^sk_live_`). They are held "
        "against every text of this file and every value from the environment, and against each of their words.",
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.hosts and not self.keys:
            raise field_problem("hosts", "nothing is said of the real thing", expected="hosts, keys or both")
        return self

    def is_host(self, host: str) -> bool:
        """Return whether money is real on ``host``, which may be in capitals or end with a point."""
        plain = host.lower().rstrip(".")
        return any(fnmatchcase(plain, pattern) for pattern in self.hosts)


def looks_live(text: str, production: ProductionSpec | None) -> bool:
    """Return whether ``text`` holds a live key: one as many providers write them, or one of this provider's."""
    searches: list[Search] = [_LIVE_KEY.search]
    searches += map(compile_pattern, production.keys if production else ())
    return any(search(word) for word in _words(text) for search in searches)


def _words(text: str) -> Iterator[str]:
    """The text, its words, and what those of them say that are Base64, as in Basic authentication."""
    yield text
    yield from _WORDS.findall(text)
    for encoded in _BASE64.findall(text):
        try:
            decoded = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_").decode("ascii")
        except (binascii.Error, ValueError):
            continue
        yield from (decoded, *_WORDS.findall(decoded))

"""Define what a statement says about itself, by which its lines are checked: totals, a checksum, a count of pages;
and where its files may be.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Discriminator, Field, Tag

from ..base.field_types import StrictModel
from ..base.patterns import compile_pattern
from .places import RegexSelector, SelectorField

__all__ = ["Origin", "Pattern", "StatementChecksum", "TotalName", "TotalPattern", "TotalPlace"]

TotalName = Literal[
    "rows", "rows_out", "rows_in", "amount", "amount_out", "amount_in", "net", "fee", "opening", "closing"
]
"""``amount`` is the sum without signs; ``net`` is what came in less what went out, as ``closing`` less ``opening``."""


def _sound(pattern: str) -> str:
    compile_pattern(pattern)
    return pattern


Pattern = Annotated[str, AfterValidator(_sound)]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    _ = parts.port  # raises ValueError for one that is none
    if f"{parts.scheme}://{parts.netloc}" != url or not parts.hostname or parts.username is not None:
        raise ValueError("an origin without user and path, such as https://files.example.com")
    if parts.scheme != "https" and not (parts.scheme == "http" and _on_this_machine(parts.hostname)):
        raise ValueError("https, or http on this machine: who sees a file's address may fetch it too")
    return url


def _on_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


Origin = Annotated[str, AfterValidator(_origin)]


class TotalPattern(StrictModel):
    """A total in a row above or below the movements of a table."""

    regex: Pattern = Field(
        description="A regular expression that one row's text meets, its cells joined by the delimiter: the first "
        "group is the total."
    )


def _form(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    return "part" if isinstance(value, RegexSelector) or (isinstance(value, dict) and "from" in value) else "pattern"


TotalPlace = Annotated[
    Annotated[str, Tag("text")] | Annotated[RegexSelector, Tag("part")] | Annotated[TotalPattern, Tag("pattern")],
    Discriminator(_form),
]
"""Of JSON and XML a place in an answer; of a table a cell above or below the movements, whose total stands under it."""


class StatementChecksum(StrictModel):
    """A digest of the statement's file, as the answer tells it that names the file."""

    at: SelectorField = Field(description="Where it stands in the answer, in hexadecimal.")
    algorithm: Literal["md5", "sha1", "sha256", "sha512"] = Field(description="How it is made.")
    of: Literal["file", "content"] = Field(
        default="file", description="Of the file as it is fetched, or of what is in it once it is unpacked."
    )

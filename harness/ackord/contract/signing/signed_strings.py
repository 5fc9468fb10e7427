"""Shows the string that a request was signed over, so that it can be compared with the provider's documentation."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ..base.http_messages import HttpRequest

__all__ = ["ShowsSignedString", "signed_strings"]


@runtime_checkable
class ShowsSignedString(Protocol):
    """A merchant's side whose scheme signs a string."""

    def signed_string(self, request: HttpRequest) -> str:
        """Return the string that a signed request was signed over, without secrets; empty if it is not signed."""
        ...


def signed_strings(side: object, request: HttpRequest) -> list[str]:
    """Return the strings that the schemes of an account signed; empty for schemes that sign none."""
    sides = getattr(side, "sides", None) or [side]
    found = (one.signed_string(request) for one in sides if isinstance(one, ShowsSignedString))
    return [text for text in found if text]

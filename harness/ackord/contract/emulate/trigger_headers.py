"""Find the sandbox's trigger that a request's headers pull."""

from __future__ import annotations

from ..base.http_messages import HttpRequest
from ..spec.model import Contract

__all__ = ["trigger_pulled"]


def trigger_pulled(contract: Contract, request: HttpRequest) -> str:
    """Return the name of the first trigger whose headers the request carries; empty: there is none."""
    if not any(trigger.headers for trigger in contract.sandbox_triggers.values()):
        return ""
    sent = {name.lower(): value for name, value in request.headers}
    for name, trigger in contract.sandbox_triggers.items():
        if trigger.headers and all(sent.get(header.lower()) == text for header, text in trigger.headers.items()):
            return name
    return ""

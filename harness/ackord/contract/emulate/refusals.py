"""Say how each refusal of a provider may be put into a contract's words."""

from __future__ import annotations

from ...core.operation import Observation
from .domain_responses import RefusalKind

__all__ = ["REFUSALS"]

_O = Observation
REFUSALS: dict[RefusalKind, tuple[tuple[Observation, ...], int]] = {
    RefusalKind.NOT_FOUND: ((_O.NOT_FOUND,), 404),
    RefusalKind.CONFLICT: ((_O.CONFLICT, _O.REJECTED), 409),
    RefusalKind.DUPLICATE_POINTER: ((_O.DUPLICATE, _O.CONFLICT, _O.REJECTED), 409),
    RefusalKind.DUPLICATE_PLAIN: ((_O.DUPLICATE, _O.CONFLICT, _O.REJECTED), 409),
    RefusalKind.IN_PROGRESS: ((_O.IN_PROGRESS, _O.RETRYABLE), 409),
    RefusalKind.REJECTED: ((_O.REJECTED,), 400),
    RefusalKind.BUSY: ((_O.RETRYABLE,), 503),
    RefusalKind.UNAVAILABLE: ((_O.RETRYABLE,), 503),
    RefusalKind.NOTHING_TO_CANCEL: ((_O.NOT_FOUND, _O.REJECTED), 404),
    RefusalKind.TOO_LATE_TO_CANCEL: ((_O.CONFLICT, _O.REJECTED), 409),
    RefusalKind.NOT_REFUNDABLE: ((_O.REJECTED, _O.CONFLICT), 400),
    RefusalKind.INVALID_REQUEST: ((_O.REJECTED,), 400),
    RefusalKind.UNAUTHORIZED: ((_O.REJECTED,), 401),
    RefusalKind.FORBIDDEN: ((_O.REJECTED,), 403),
}
"""How a refusal may be said, the best first, and the bare status where the contract has no words for it.

A bare status is UNREADABLE, as it would be from the provider.
"""

"""Hands a child's events to their handler, and keeps what the handler raises for whoever calls the child next."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ..errors import AckordError, EnvironmentFailed

__all__ = ["EventDelivery"]

Json = dict[str, Any]


class EventDelivery:
    """Keeps the reader of a child's output alive: an error in the handler must not end it. Safe from any thread."""

    def __init__(self, name: str, handler: Callable[[Json], None] | None) -> None:
        """``name``: the child in words, such as ``the chaos process``; ``handler``: ``None`` drops events."""
        self._name = name
        self._handler = handler
        self._error: Exception | None = None
        self._lock = threading.Lock()

    def hand_over(self, event: Json) -> None:
        """Call the handler. The first error is kept until ``check``."""
        if self._handler is None:
            return
        try:
            self._handler(event)
        except Exception as error:
            self._keep(error)

    def hand_over_all(self, block: bytes, unpack: Callable[[bytes], list[Json]]) -> None:
        """Call the handler with each event of a block. What ``unpack`` raises is kept as the handler's errors are."""
        if self._handler is None:
            return
        try:
            events = unpack(block)
        except Exception as error:
            self._keep(error)
            return
        for event in events:
            self.hand_over(event)

    def _keep(self, error: Exception) -> None:
        with self._lock:
            if self._error is None:
                self._error = error

    def check(self) -> None:
        """Raise what the handler raised since the last check: an Ackord error as it is, any other as the cause of
        ``EnvironmentFailed``."""
        with self._lock:
            error, self._error = self._error, None
        if isinstance(error, AckordError):
            raise error
        if error is not None:
            raise EnvironmentFailed(
                f"an event of {self._name} could not be handled, so what was recorded has a gap: "
                f"{type(error).__name__}: {error}"
            ) from error

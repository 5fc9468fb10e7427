"""What serves HTTP in a node: the reference API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from ...errors import UsageError
from .api import Door, build_app
from .service import Service

__all__ = ["App", "Fronts"]

App: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI application."""


class Fronts:
    """Built before a node is forked, so that a node that starts again need not import or compile what serves it."""

    def __init__(self) -> None:
        self._door = Door()
        self._reference = build_app(self._door)
        self._reference.openapi()

    def open(self, front: str | None, service: Service) -> App:
        """What serves ``service``; ``front`` is ``None`` for the reference API."""
        if front is not None:
            raise UsageError(f"the reference provider has no front {front!r}")
        self._door.service = service
        return self._reference

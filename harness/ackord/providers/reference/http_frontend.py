"""Build what serves HTTP in a node: the reference API, or an emulator of a contract."""

from __future__ import annotations

from pathlib import Path

from ...client.asgi import App
from ..service.payment_service import PaymentService
from .api import ServiceHolder, build_app

__all__ = ["HttpFrontend"]


class HttpFrontend:
    """Import and build everything before a node is forked, so that a restarted node waits for none of it."""

    def __init__(self) -> None:
        self._door = ServiceHolder()
        self._reference = build_app(self._door)
        self._reference.openapi()

    def prepare_for_contracts(self) -> None:
        """Import what serves contracts: a quarter of a second, which the reference API need not pay."""
        from ..emulator import emulator_factory  # noqa: F401

    def open(self, front: dict[str, str] | None, service: PaymentService) -> App:
        """Return the application for ``service``: the reference API, or an emulator of ``{"contract", "callbacks"}``.

        Raises ``FileError`` for a file that is no contract, ``UsageError`` for a contract that cannot be emulated or
        for callbacks to another machine.
        """
        if front is None:
            self._door.service = service
            return self._reference
        from ..emulator.emulator_factory import open_emulator

        return open_emulator(Path(front["contract"]), front.get("callbacks", ""), service)

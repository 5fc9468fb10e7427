"""What serves HTTP in a node: the reference API, or the words of any contract."""

from __future__ import annotations

from pathlib import Path

from ...client.asgi import App
from ..service.payment_service import PaymentService
from .api import ServiceHolder, build_app

__all__ = ["HttpFrontend"]


class HttpFrontend:
    """Imported and built before a node is forked, so that a node that starts again waits for none of it."""

    def __init__(self) -> None:
        self._door = ServiceHolder()
        self._reference = build_app(self._door)
        self._reference.openapi()

    def prepare_for_contracts(self) -> None:
        """Import what serves them: a quarter of a second, which the reference API need not pay."""
        from ..emulator import emulator_factory  # noqa: F401

    def open(self, front: dict[str, str] | None, service: PaymentService) -> App:
        """What serves ``service``: the reference API, or, for ``{"contract", "callbacks"}``, an emulator of the contract in that file.

        Raises ``FileError`` for a file that is no contract, ``UsageError`` for a contract that cannot be emulated or callbacks to another machine.
        """
        if front is None:
            self._door.service = service
            return self._reference
        from ..emulator.emulator_factory import open_emulator

        return open_emulator(Path(front["contract"]), front.get("callbacks", ""), service)

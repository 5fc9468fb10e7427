"""What serves HTTP in a node: the reference API, or the words of any contract."""

from __future__ import annotations

from pathlib import Path

from ...contract.emulation import Emulation
from ...contract.find import StandIns, load
from ...core.clock import RealClock
from ..asgi import App, application
from ..emulator.callbacks import Deliveries
from ..emulator.server import Emulator, Moments
from .api import Door, build_app
from .service import Service

__all__ = ["Fronts"]


class Fronts:
    """Built before a node is forked, so that a node that starts again need not import what serves it."""

    def __init__(self) -> None:
        self._door = Door()
        self._reference = build_app(self._door)
        self._reference.openapi()

    def open(self, front: dict[str, str] | None, service: Service) -> App:
        """What serves ``service``: the reference API, or, for ``{"contract", "callbacks"}``, an emulator of the contract in that file.

        Raises ``FileError`` for a file that is no contract, ``UsageError`` for a contract that cannot be emulated or callbacks to another machine.
        """
        if front is None:
            self._door.service = service
            return self._reference
        emulation = Emulation(load(Path(front["contract"]), env=StandIns()).codec)
        node = service.node
        moments = Moments(RealClock.unix_s, f"{node.name}{node.boot:x}")
        return application(Emulator(emulation, service, moments, Deliveries(), front.get("callbacks", "")).handle)

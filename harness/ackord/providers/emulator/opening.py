"""From a contract's file to what serves it."""

from __future__ import annotations

from pathlib import Path

from ...client.asgi import App, application
from ...contract.emulate.emulation import Emulation
from ...contract.loading.find import StandIns, load
from ..service.service import Service
from .callbacks import Deliveries
from .server import Emulator, Moments

__all__ = ["open_emulator"]


def open_emulator(contract: Path, callbacks: str, service: Service) -> App:
    """``service`` in the words of a contract; its secrets are made up. Raises ``FileError`` or ``UsageError``."""
    node = service.node
    origin = f"{node.name}{node.boot:x}x{node.clock.now_ns():x}"
    emulation = Emulation(load(contract, env=StandIns()).codec)
    moments = Moments(node.wall.unix_s, origin)
    emulator = Emulator(emulation, service, moments, Deliveries(moments), callbacks)
    return application(emulator.handle)

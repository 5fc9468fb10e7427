"""Build an emulator from a contract's file."""

from __future__ import annotations

from pathlib import Path

from ...client.asgi import App, application
from ...contract.emulate.emulation import ContractEmulation
from ...contract.loading.loader import PlaceholderEnv, load_contract
from ..service.payment_service import PaymentService
from .callback_deliveries import CallbackDeliveries
from .emulator import Emulator, TimestampNonceSource

__all__ = ["open_emulator"]


def open_emulator(contract: Path, callbacks: str, service: PaymentService) -> App:
    """Serve ``service`` in the words of a contract; its secrets are made up. Raises ``FileError`` or ``UsageError``."""
    node = service.node
    origin = f"{node.name}{node.boot:x}x{node.clock.now_ns():x}"
    emulation = ContractEmulation(load_contract(contract, env=PlaceholderEnv()).codec)
    moments = TimestampNonceSource(node.wall.unix_s, origin)
    emulator = Emulator(emulation, service, moments, CallbackDeliveries(moments), callbacks)
    return application(emulator.handle)

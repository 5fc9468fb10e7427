"""Build an emulator from a contract's file."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from ...client.asgi import App, application
from ...contract.base.http_messages import HttpRequest, TimestampNonce
from ...contract.emulate.callback_sender import OutgoingCallback
from ...contract.emulate.emulation import ContractEmulation
from ...contract.loading.loader import PlaceholderEnv, load_contract
from ...contract.signing import ProviderSide
from ...contract.spec.auth import provider_side
from ..service.callback_signing import SignsCallbacks
from ..service.payment_service import PaymentService
from .callback_deliveries import CallbackDeliveries
from .emulator import Emulator, TimestampNonceSource

__all__ = ["open_emulator"]


def open_emulator(contract: Path, callbacks: str, service: PaymentService) -> App:
    """Serve ``service`` in the words of a contract; its secrets are made up. Raises ``FileError`` or ``UsageError``."""
    node = service.node
    origin = f"{node.name}{node.boot:x}x{node.clock.now_ns():x}"
    codec = load_contract(contract, env=PlaceholderEnv()).codec
    emulation = ContractEmulation(codec)
    calls_again = codec.promises.resubmission_calls_back_within_ns is not None
    moments = TimestampNonceSource(node.wall.unix_s, origin)
    deliveries = CallbackDeliveries(moments, sign=_signing(contract, service))
    emulator = Emulator(emulation, service, moments, deliveries, callbacks, calls_again=calls_again)
    return application(emulator.handle)


class _OtherSecrets(PlaceholderEnv):
    """An environment whose secrets are nobody's."""

    @staticmethod
    def stand_in(name: str) -> str:
        return f"emulated-other-{name.lower()}"


def _signing(contract: Path, service: PaymentService) -> Callable[[OutgoingCallback, TimestampNonce], HttpRequest]:
    """Return how the service's callbacks are signed."""
    if not isinstance(service, SignsCallbacks):
        return OutgoingCallback.signed
    variant: SignsCallbacks = service

    @cache
    def others(account: str) -> ProviderSide:
        return provider_side(load_contract(contract, env=_OtherSecrets()).contract.accounts[account].auth)

    return lambda call, moment: variant.signed_callback(call, moment, others)

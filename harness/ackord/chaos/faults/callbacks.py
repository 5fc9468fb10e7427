"""Defines the base of the callback seam's faults: what one sees of a callback, and what it may order to be done.

A fault is pure and only names an action; a drill's callback edge carries it out and records its effect (``fired``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

from ...core.payment_state import PaymentState
from .base import KeyedFault, Seam
from .edge_views import KeyedRandom

__all__ = [
    "CallbackAction",
    "CallbackFault",
    "CallbackView",
    "CopyCallback",
    "DelayCallback",
    "ForgeCallback",
    "HoldCallback",
    "LoseCallback",
    "RefuseCallback",
    "SignatureDefect",
]

SignatureDefect = Literal["missing", "wrong", "other-key"]
"""``wrong``: it is the signature of another message; ``other-key``: made with a key that is not the provider's."""


class CallbackView(NamedTuple):
    """A genuine callback that the merchant has not got yet."""

    name: str
    """Its name in the contract."""
    number: int
    """Among the callbacks about its order, from 1; one that the provider sends again counts anew."""
    state: PaymentState


@dataclass(frozen=True, slots=True)
class CallbackAction:
    """The base of all actions."""


@dataclass(frozen=True, slots=True)
class LoseCallback(CallbackAction):
    """Answer in the merchant's place, and pass nothing on."""


@dataclass(frozen=True, slots=True)
class RefuseCallback(CallbackAction):
    """Answer ``status`` in the merchant's place, so that the provider sends it again, and pass nothing on."""

    status: int = 503


@dataclass(frozen=True, slots=True)
class DelayCallback(CallbackAction):
    """Answer in the merchant's place, and pass the callback on later."""

    delay_ns: int


@dataclass(frozen=True, slots=True)
class CopyCallback(CallbackAction):
    """Pass the callback on ``copies`` more times, each ``delay_ns`` after the one before it."""

    copies: int
    delay_ns: int


@dataclass(frozen=True, slots=True)
class HoldCallback(CallbackAction):
    """Answer in the merchant's place, and pass the callback on after the next about its order, or after ``most_ns``."""

    most_ns: int


@dataclass(frozen=True, slots=True)
class ForgeCallback(CallbackAction):
    """Call the merchant in the provider's name, a moment before the genuine callback is passed on."""

    claim: PaymentState
    defect: SignatureDefect


class CallbackFault(KeyedFault):
    """A fault between the provider's callbacks and a merchant: one under drill, or Ackord's own.

    ``on_callback`` is pure: it sees the callback and returns what is to be done.
    """

    seams: ClassVar[tuple[Seam, ...]] = (Seam.CALLBACK,)
    seam: ClassVar[Seam] = Seam.CALLBACK
    subject: ClassVar[str] = "integration"
    heals: ClassVar[str] = "Callbacks pass; what is held back at that moment is let go."

    def on_callback(self, call: CallbackView, random: KeyedRandom) -> CallbackAction | None:
        """Return what is to be done with a callback that it hits; ``None``: it does not hit this one after all."""
        raise NotImplementedError

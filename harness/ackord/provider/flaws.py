"""The shelf of providers that are wrong in one known way, and of those that are right in different ways.

A harness that has never caught anything proves nothing. Each flaw names the guarantee that must catch it and the profile under which it
does. This module is words only; the code of each is in ``ackord.provider.reference.variants`` under the same name.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..core.registry import Registry

__all__ = ["FLAWS", "Flaw", "correct_variants", "flawed_variants"]


@dataclass(frozen=True, slots=True)
class Flaw:
    """One variant of the reference provider."""

    name: str
    title: str
    story: str
    """How it comes to be in real providers, and what the merchant sees."""
    caught_by: str = ""
    """The guarantee that it breaks; empty for a correct variant."""
    profile: str = ""
    """The chaos profile under which it shows; empty for a correct variant."""
    correct: bool = False


FLAWS: Registry[Flaw] = Registry("flaw")


def flawed_variants() -> list[Flaw]:
    return [flaw for flaw in FLAWS if not flaw.correct]


def correct_variants() -> list[Flaw]:
    return [flaw for flaw in FLAWS if flaw.correct]


def _flaw(name: str, caught_by: str, profile: str, title: str, story: str) -> None:
    FLAWS.add(name, Flaw(name, title, story, caught_by, profile))


def _correct(name: str, title: str, story: str) -> None:
    FLAWS.add(name, Flaw(name, title, story, correct=True))


_correct(
    "primary-reads",
    "Queries read from the primary.",
    "The default. Whatever was committed before a query began is in what it reads, whichever node answers.",
)

_flaw(
    "standby-reads",
    "acknowledged-order-visible",
    "replica-lag",
    "Queries read from the standby.",
    "Reads were moved to the replica to relieve the primary, and nobody told the merchants. "
    "An order that was just acknowledged is answered ORDER_NOT_FOUND until the replica has caught up.",
)

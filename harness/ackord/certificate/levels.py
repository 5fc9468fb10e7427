"""Defines the levels of a certificate as data: each a set of guarantees and the profiles under which they are judged.

A level contains the one below it. ``check_levels`` holds the data against the guarantees and profiles that exist.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from ..chaos.profile import profile_names, read_profile
from ..core.registry import Registry
from ..guarantees import GUARANTEES

__all__ = ["CATALOGUE_VERSION", "LEVELS", "CertificateLevel", "check_levels", "levels_digest", "strength_of"]

CATALOGUE_VERSION = 6
"""Counts up whenever a clause, what counts as an exposure, or a level changes its meaning."""


@dataclass(frozen=True, slots=True)
class CertificateLevel:
    """One level, with everything of the levels below it."""

    name: str
    title: str
    must: tuple[str, ...]
    """Guarantees that must be HELD under at least one of the profiles, and broken or doubtful under none."""
    should: tuple[str, ...]
    """Guarantees that are told and refuse nothing."""
    may_be_unsafe: frozenset[str]
    """Those of ``must`` that may be UNSAFE: the contract promises less, and keeps it."""
    profiles: tuple[str, ...]
    """The chaos profiles that must have been run, as they come with Ackord."""
    where_exposed: tuple[str, ...] = ()
    """Guarantees that must be neither broken nor doubtful, and need not have been put to the test."""
    where_possible: tuple[str, ...] = ()
    """Profiles that must have been run too, unless the target has no seam for them, or the contract not the operation
    that they perform; the certificate tells which.
    """

    @property
    def every_profile(self) -> tuple[str, ...]:
        return (*self.profiles, *self.where_possible)


LEVELS: Registry[CertificateLevel] = Registry("level")


def _level(
    name: str,
    title: str,
    *,
    must: tuple[str, ...],
    profiles: tuple[str, ...],
    should: tuple[str, ...] = (),
    may_be_unsafe: tuple[str, ...] = (),
    where_exposed: tuple[str, ...] = (),
    where_possible: tuple[str, ...] = (),
) -> None:
    """Register a level above the last one. What was a SHOULD below it may become a MUST."""
    below = list(LEVELS)[-1] if len(LEVELS.names()) else None
    musts = tuple(dict.fromkeys((*(below.must if below else ()), *must)))
    shoulds = (*(below.should if below else ()), *should)
    whole = CertificateLevel(
        name,
        title,
        musts,
        tuple(g for g in dict.fromkeys(shoulds) if g not in musts),
        frozenset(may_be_unsafe),
        tuple(dict.fromkeys((*(below.profiles if below else ()), *profiles))),
        (*(below.where_exposed if below else ()), *where_exposed),
        (*(below.where_possible if below else ()), *where_possible),
    )
    LEVELS.add(name, whole)


_level(
    "A0",
    "Idempotent: safe for a merchant that resubmits",
    must=(
        "resubmission-same-order",
        "resubmission-moves-money-once",
        "conflicting-resubmission-refused",
        "concurrent-duplicates-collapse",
        "lost-ack-recoverable",
        "resubmission-after-terminal",
        "key-scope-respected",
        "provider-id-stable",
        "order-shown-as-submitted",
        "succeeded-order-paid",
        "payout-as-ordered",
        "unordered-number-not-paid",
    ),
    should=(
        "answers-match-schema",
        "callback-agrees-with-query",
        "callback-delivered",
        "callback-genuine",
        "resubmission-called-back",
    ),
    profiles=("none", "concurrent-copies", "duplicates", "latency", "lost-answers"),
)
_level(
    "A1",
    "Landing bounded: publishes its landing window and keeps it",
    must=(
        "landing-bounded",
        "unknown-order-not-found",
        "acknowledged-order-visible",
        "observed-order-stays-visible",
    ),
    may_be_unsafe=("acknowledged-order-visible", "observed-order-stays-visible"),
    profiles=("overtake",),
)
_level(
    "A2",
    "Read your acknowledgements: never NOT_FOUND or FAILED after one, also under lag",
    must=(
        "acknowledged-order-visible",
        "acknowledged-order-not-failed",
        "observed-order-stays-visible",
        "status-never-regresses",
        "terminal-status-final",
        "faults-healed-orders-converge",
    ),
    where_exposed=(
        "errors-not-replayed",
        "order-not-stuck",
        "refused-order-not-paid",
        "cancelled-order-not-paid",
        "refund-moves-money-once",
        "refund-not-over-amount",
        "acknowledged-refund-paid",
    ),
    profiles=("replica-lag", "replica-lag-1ms", "replica-lag-rare", "replica-cut", "two-nodes"),
    where_possible=("table-lag", "channel-timeouts", "provider-errors", "cancel-race", "refunds"),
)
_level(
    "A3",
    "The same under partitions, crashes and failover, and in statements",
    must=("statement-complete", "statement-no-phantoms", "statement-amounts-match"),
    where_exposed=(
        "statement-pages-stable",
        "statement-cursor-refused",
        "statement-totals-match",
        "statement-immutable-after-cutoff",
    ),
    profiles=(
        "any-node",
        "node-crash",
        "failover-sync",
        "flapping",
        "statement-paging",
        "statement-replica-lag",
    ),
    where_possible=("clock-step",),
)


def check_levels() -> None:
    """Raise ``UnknownNameError`` or ``LookupError`` for a level that names a guarantee or a profile that does not
    exist, or a profile that tries a merchant and may judge no provider.
    """
    for level in LEVELS:
        for guarantee in (*level.must, *level.where_exposed, *level.should):
            GUARANTEES.get(guarantee)
        if missing := set(level.every_profile) - set(profile_names()):
            raise LookupError(f"{level.name}: no profile is called {', '.join(sorted(missing))}")
        profiles = [read_profile(name).profile for name in level.every_profile]
        if merchants := [p.name for p in profiles if p.tries_merchant]:
            raise LookupError(f"{level.name}: {', '.join(merchants)} tries a merchant")


def strength_of(guarantee: str) -> str:
    """Return the strength of a guarantee in words: ``MUST from A1 (may be UNSAFE in A1)``, or ``SHOULD``."""
    levels = [level for level in LEVELS if guarantee in level.must]
    exposed = next((level.name for level in LEVELS if guarantee in level.where_exposed), "")
    if not levels:
        return f"MUST from {exposed}, where it is exposed" if exposed else "SHOULD"
    lenient = [level.name for level in levels if guarantee in level.may_be_unsafe]
    return f"MUST from {levels[0].name}" + (f" (may be UNSAFE in {', '.join(lenient)})" if lenient else "")


def levels_digest() -> str:
    """Return the SHA-256 of what is normative: levels, clauses, and what counts as an exposure."""
    levels = [
        [
            x.name, x.title, x.must, x.should, sorted(x.may_be_unsafe), x.profiles, x.where_exposed, x.where_possible,
        ]
        for x in LEVELS
    ]  # fmt: skip
    named = dict.fromkeys(g for level in LEVELS for g in (*level.must, *level.where_exposed, *level.should))
    clauses = [[g, GUARANTEES.get(g).clause, GUARANTEES.get(g).exposure] for g in named]
    return hashlib.sha256(json.dumps([levels, clauses], separators=(",", ":")).encode()).hexdigest()

"""Defines a guarantee of a merchant: an id, the clause that a report cites, and a pure function of one intent.

``judge`` returns the intent's number of *exposures* (occasions on which the merchant could have broken it) and at most
one finding about one of its orders.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...core.event import Complete
from ...core.promises import Promises
from ...core.registry import Registry
from ...core.verdict import Doubt
from ..base import Judgement
from .intent import Intent

__all__ = ["MERCHANT_GUARANTEES", "MerchantContext", "MerchantGuarantee"]


@dataclass(frozen=True, slots=True)
class MerchantContext:
    """The facts that a guarantee may use besides the intent."""

    promises: Promises
    answers: Mapping[int, Complete]
    """What the merchant got, by operation: the raw answers."""
    cut_by_time: bool = False
    """Whether the merchant's command was ended because its time was over."""
    cut_off: bool = False
    """Whether the history ends before its end: what is absent from it proves nothing."""
    callbacks: bool = False
    """Whether the provider may have told the merchant by callbacks that nobody here saw."""
    stale_lists: tuple[tuple[int, int], ...] = ()
    """Lists that were served from the past, each with when the merchant got it and the moment that it showed."""
    told: bool = False
    """Whether the merchant said of any payment what it takes it for."""


@dataclass(frozen=True, slots=True)
class MerchantGuarantee:
    """One guarantee. The module's docstring says what ``judge`` must obey."""

    id: str
    title: str
    """One line for people."""
    clause: str
    """The normative sentence (RFC 2119 words) that a report cites."""
    why: str
    """What goes wrong when it is broken."""
    judge: Callable[[Intent, MerchantContext], Judgement]
    unexposed: Callable[[MerchantContext], Doubt]
    """Returns why nothing put it to the test, where nothing did."""
    needs_ledger: bool = False
    needs_statement: bool = False
    contract_place: str = ""
    """The place of a contract that it is about, in dots, such as ``submit``; empty: the contract as a whole."""
    waivable: bool = True
    """Whether a violation may be accepted for a time; nothing can waive that one thing was paid twice."""


MERCHANT_GUARANTEES: Registry[MerchantGuarantee] = Registry("guarantee of a merchant")

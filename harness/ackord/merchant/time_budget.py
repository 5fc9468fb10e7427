"""Checks a policy's times against those of a provider: who gives up before whom, and what may then go wrong.

Three parties wait for each other: the merchant for the provider, the provider for its bank (the *channel*), the bank
for nobody. If each waits for a shorter time than the one behind it needs, the merchant's doubt begins before the
provider's, and the provider's before the bank has decided: the circular dependency of time-outs, in which every party
takes the next one's silence for an answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..contract.base.field_types import Duration
from ..contract.spec.model import Contract
from ..contract.spec.promises import NotFoundTolerated
from ..core.promises import NotFound
from .policy import MerchantPolicy

__all__ = ["BudgetConflict", "budget_conflicts"]


class BudgetConflict(NamedTuple):
    """Two times that do not fit."""

    policy: str
    setting: str
    """The policy's field."""
    text: str
    """Who waits how long for whom, and what may go wrong, in a sentence."""


def budget_conflicts(policy: MerchantPolicy, contract: Contract) -> list[BudgetConflict]:
    """Return the times of a policy that do not fit a contract's; times that nobody documents fit any."""
    return [BudgetConflict(policy.name, setting, text) for setting, text in _conflicts(policy, contract)]


def _conflicts(policy: MerchantPolicy, contract: Contract) -> Iterator[tuple[str, str]]:
    yield from _waits(policy, contract)
    yield from _gives_up(policy, contract)
    yield from _buffer(policy, contract)
    query_after = contract.timing.query_after
    first_ns = policy.poll.wait_ns(0, lambda n: 0.0)
    if query_after is not None and first_ns < query_after.ns:
        yield (
            "poll",
            (
                f"the merchant asks after {first_ns / 1e9:g}s, the documentation says after {query_after}: an early "
                "answer means nothing"
            ),
        )


def _waits(policy: MerchantPolicy, contract: Contract) -> Iterator[tuple[str, str]]:
    timing = contract.timing
    answers, channel = timing.provider_answers_within, timing.channel_answers_within
    doubt = {
        "fail": "takes for a failure what goes through",
        "query": "asks for an order that may not be there yet",
        "resubmit-same": "sends it again while the first is under way",
        "resubmit-new": "sends a second payment while the first is under way",
    }[policy.on_timeout]
    if answers is not None and policy.timeout.ns < answers.ns:
        yield "timeout", f"the merchant waits {policy.timeout}, the provider answers within {answers}: it {doubt}"
    if (
        answers is not None
        and channel is not None
        and policy.timeout.ns < answers.ns < channel.ns
    ):  # fmt: skip
        yield (
            "timeout",
            (
                f"a circle of time-outs: the merchant gives up after {policy.timeout}, the provider after {answers}, "
                f"and the bank may answer until {channel}. Each takes the next one's silence for an answer; whoever "
                "takes it for a failure pays again"
            ),
        )


def _gives_up(policy: MerchantPolicy, contract: Contract) -> Iterator[tuple[str, str]]:
    timing, give_up = contract.timing, policy.give_up_after
    for name, hop, text in (
        (
            "the bank has decided within",
            timing.channel_decides_within,
            "a person is asked while the bank may still pay",
        ),
        ("an ordinary payment is through within", timing.settles_within, "a person is asked about ordinary payments"),
    ):
        if hop is not None and give_up.ns < hop.ns:
            yield "give_up_after", f"the merchant gives up after {give_up}, {name} {hop}: {text}"
    retention = contract.to_promises().key_retention_ns
    resubmits = policy.on_not_found == "resubmit" or "resubmit-same" in (policy.on_timeout, policy.on_error)
    if resubmits and retention is not None and give_up.ns > retention:
        yield (
            "give_up_after",
            (
                f"the merchant resubmits for {give_up}, a number is remembered for {retention / 3.6e12:g}h: the last "
                "resubmissions meet a number that is forgotten, and move the money again"
            ),
        )
    if resubmits and contract.promises.key_retention == "unpublished":
        yield (
            "give_up_after",
            (
                f"the merchant resubmits for {give_up}, and nobody says how long a number is remembered: the last "
                "resubmissions may move the money again"
            ),
        )


def _buffer(policy: MerchantPolicy, contract: Contract) -> Iterator[tuple[str, str]]:
    if policy.on_not_found != "fail" or not isinstance(policy.buffer, Duration):
        return
    promised = contract.to_promises().not_found
    if promised is NotFound.INCONCLUSIVE:
        yield (
            "buffer",
            (
                f'the merchant takes "not found" for a failure after {policy.buffer}, and the provider never says that '
                "it is one: no finite buffer is enough"
            ),
        )
    tolerated = contract.promises.not_found
    if isinstance(tolerated, NotFoundTolerated) and policy.buffer.ns < tolerated.tolerated_for.ns:
        yield (
            "buffer",
            (
                f'the merchant takes "not found" for a failure after {policy.buffer}, an order may be missing for '
                f"{tolerated.tolerated_for}: it pays again what is about to land"
            ),
        )

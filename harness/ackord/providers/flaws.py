"""List the variants that are wrong in one known way, and those that are correct in different ways.

Each flaw names the guarantee that must catch it and the profile under which it does. This module is text only; the code
is in ``ackord.providers.variants`` under the same name.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..core.registry import Registry
from .flaw_texts import (
    CALLBACK_FLAWS,
    KEY_FLAWS,
    MONEY_FLAWS,
    SANDBOX_FLAWS,
    SETTLEMENT_FLAWS,
    TAKING_BACK_FLAWS,
)
from .statement_flaw_texts import STATEMENT_FLAWS, STATEMENT_FLAWS_OF_NODES

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
    needs: str = ""
    """A seam that the target must have: what the variant is made of is made there alone."""
    contract: str = "reference"
    """The contract by whose provider the flaw is shown; any but ``reference`` by its emulator."""


FLAWS: Registry[Flaw] = Registry("flaw")


def flawed_variants() -> list[Flaw]:
    return [flaw for flaw in FLAWS if not flaw.correct]


def correct_variants() -> list[Flaw]:
    return [flaw for flaw in FLAWS if flaw.correct]


def _flaw(
    name: str, caught_by: str, profile: str, title: str, story: str, needs: str = "", contract: str = "reference"
) -> None:
    FLAWS.add(name, Flaw(name, title, story, caught_by, profile, needs=needs, contract=contract))


def _correct(name: str, title: str, story: str) -> None:
    FLAWS.add(name, Flaw(name, title, story, correct=True))


# Correct, in different ways.

_correct(
    "primary-reads",
    "Queries read from the primary",
    "The default. Whatever was committed before a query began is in what it reads, whichever node answers.",
)
_correct(
    "causal-reads",
    "Queries read from the standby once it has replayed the order's last write",
    "The log position of what was last answered about an order is kept where both nodes see it. A query waits until "
    "the standby has come that far, so it may be slow while the replica lags, and it is never wrong.",
)
_correct(
    "remote-apply",
    "Acknowledged only when the standby has replayed it",
    "Orders are committed with synchronous_commit = remote_apply, so queries may read the standby. While the "
    "replication link is cut, submissions are slow instead of invisible.",
)
_correct(
    "order-registry",
    "Queries read from the standby, a registry knows what has not landed there",
    "The registry holds the highest status that anybody was told of each acknowledged order. A query answers the "
    "higher of the registry's and the standby's, so an order that has not landed is PROCESSING, and no status goes "
    "back.",
)
_correct(
    "single-flight",
    "Copies that arrive together share one write",
    "A node lets copies of an order that is being stored wait for the first one's result, over a unique index that "
    "has the last word.",
)

# Where a query looks.

_flaw(
    "standby-reads",
    "acknowledged-order-visible",
    "replica-lag",
    "Queries read from the standby",
    "Reads were moved to the replica to relieve the primary, and nobody told the merchants. An order that was just "
    "acknowledged is answered ORDER_NOT_FOUND until the replica has caught up.",
)
_flaw(
    "lag-1ms",
    "acknowledged-order-visible",
    "replica-lag-1ms",
    "Queries read from a standby that is one millisecond behind",
    "The replica stands in the same rack and nobody ever saw it lag. A merchant whose query is quick enough is still "
    "told that the acknowledged order does not exist.",
)
_flaw(
    "lag-rare",
    "acknowledged-order-visible",
    "replica-lag-rare",
    "One order in two hundred is read from the standby",
    "A share of the traffic was sent to the replica as a trial, and the trial was never ended. Nearly every merchant "
    "sees nothing; one order in two hundred is not found right after its acknowledgement.",
)
_flaw(
    "standby-first",
    "status-never-regresses",
    "replica-lag",
    "Queries read from the standby, and on a miss from the primary",
    "Somebody mended ORDER_NOT_FOUND by asking the primary when the replica knows nothing. The order is always "
    "visible now, but a status that the primary showed goes back as soon as the order's first version lands on the "
    "replica.",
)
_flaw(
    "alternating-reads",
    "observed-order-stays-visible",
    "replica-lag",
    "Queries are spread over primary and standby",
    "A load balancer in front of both servers gives them reads in turn. The merchant finds the order, asks again, and "
    "is told that it does not exist.",
)
_flaw(
    "read-model-reads",
    "acknowledged-order-visible",
    "table-lag",
    "Queries read from a read model that is fed from the orders table, a miss once more 50 ms later",
    "Queries were moved to a store of their own, fed by a stream of changes to one table, and the second look was "
    "enough as long as anybody tried. One day the stream is held up while every replica is level, and orders that "
    "were just acknowledged are answered ORDER_NOT_FOUND.",
    needs="read-model",
)
_flaw(
    "unlanded-failed",
    "acknowledged-order-not-failed",
    "replica-lag",
    "An order that has not landed on the standby is answered 200 with status FAILED",
    "The query service joins the order against replicated data, and takes what is missing there for an order whose "
    "processing broke. The merchant reads FAILED for an order that is about to be paid, and pays again.",
)

# What a query finds.

_flaw(
    "cached-not-found",
    "acknowledged-order-visible",
    "overtake",
    "A node caches not-found for 800 ms",
    "Queries for unknown numbers were expensive, so their answer is cached like any other. A query that overtakes its "
    "order poisons the cache, and the order stays not found after its acknowledgement.",
)
_flaw(
    "key-unscoped",
    "key-scope-respected",
    "none",
    "Order numbers are looked up without the account",
    "The account was left out of the WHERE clause, which no test with one account ever notices. Another merchant's "
    "key reads our order, and takes our number for its own.",
)
_flaw(
    "unknown-is-processing",
    "unknown-order-not-found",
    "none",
    "Unknown numbers are answered 200 PROCESSING",
    "To be rid of ORDER_NOT_FOUND during lag, everything unknown is said to be in process. A merchant whose order "
    "never arrived waits for ever for a payment that nobody makes.",
)
_flaw(
    "slow-landing",
    "landing-bounded",
    "none",
    "Accepted into a queue, and readable 1.5 s later",
    "The front door writes to a queue and acknowledges; a batch brings orders to where queries read. The contract "
    "promises landing within a second, and every order takes longer.",
)

# Finding duplicates.

_flaw(
    "standby-dedup",
    "resubmission-moves-money-once",
    "replica-lag",
    "Duplicates are looked up on the standby",
    "The check for a known order number goes through the read pool, and the read pool is the replica. A resubmission "
    "within the lag is a new order, and is paid a second time.",
)
_flaw(
    "memory-dedup",
    "resubmission-moves-money-once",
    "two-nodes",
    "Each node remembers order numbers in its own memory",
    "It was right while there was one node. With two, a resubmission that reaches the other one is a new order, and "
    "is paid a second time.",
)
_flaw(
    "check-then-insert",
    "concurrent-duplicates-collapse",
    "concurrent-copies",
    "The order number is looked up, then inserted, without a unique index",
    "Between the look-up and the insert stand a few milliseconds of other checks. Copies that arrive together all "
    "find nothing, and each of them is paid.",
)
_flaw(
    "duplicate-executes",
    "resubmission-moves-money-once",
    "duplicates",
    "A number counts as known only once its first request is worked off",
    "The index of known numbers is filled some 50 ms after the order was taken. A copy that a proxy or a client "
    "delivers at once, over another connection, is executed as an order of its own.",
)
_flaw(
    "key-forgotten",
    "resubmission-moves-money-once",
    "none",
    "Order numbers are forgotten after 300 ms",
    "Keys live in a cache with a lifetime that was chosen for retries by machines. A merchant that resubmits later "
    "than that pays twice.",
)
_flaw(
    "keys-expire-by-node-clock",
    "resubmission-moves-money-once",
    "clock-step",
    "Each node judges by its own clock whether an order number has expired",
    "Keys carry the time of the node that took them, and a number older than a day is new again. When one node's "
    "clock jumps, what another node has just taken is a day old to it, and a resubmission is paid a second time.",
)

# What a resubmission is answered.

_flaw(
    "new-provider-id",
    "resubmission-same-order",
    "none",
    "A resubmission is answered with a fresh provider id",
    "The id is made for each request before the duplicate is found. Money moves once, but the merchant books two "
    "payments, and one of the ids leads nowhere.",
)
_flaw(
    "altered-accepted",
    "conflicting-resubmission-refused",
    "none",
    "A resubmission with another payload changes the order",
    "The upsert overwrites the row. The merchant is told 200 for an amount that was never paid, and the original is "
    "altered behind its back.",
)
_flaw(
    "altered-leaks",
    "conflicting-resubmission-refused",
    "none",
    "The refusal of another payload shows the original",
    "The error was meant to be helpful, so it states the amount and the payee of the order that holds the number. "
    "Whoever guesses a number learns who is paid how much.",
)
_flaw(
    "resubmit-reads-failed",
    "lost-ack-recoverable",
    "lost-answers",
    "A resubmission is answered 400, without a pointer to the order",
    "The duplicate is found, and refused as if it were a mistake of the merchant. A merchant that lost the first "
    "answer reads a refusal, takes the payment for failed, and pays under a new number.",
)
_flaw(
    "replay-status-failed",
    "resubmission-same-order",
    "none",
    "A resubmission of an order in flight is answered 200 with status FAILED",
    "The duplicate's own processing failed, because it is a duplicate, and that is the status that is shown. The "
    "merchant reads that the order failed while it is being paid.",
)
_flaw(
    "reexecute-terminal",
    "resubmission-after-terminal",
    "none",
    "A resubmission after the end is executed again",
    "Only orders in work are checked for duplicates; one that is done is taken up again under a new id towards the "
    "bank, whose own protection does not hold then. The answer looks right, and the money moves again.",
)
_flaw(
    "transient-cached",
    "errors-not-replayed",
    "provider-errors",
    "503 BUSY is remembered as the order number's answer",
    "Answers are stored under the key before anybody asks whether they are final. The merchant retries as it was told "
    "to, and gets the same 503 for ever.",
)

_flaw(
    "number-burnt",
    "order-not-stuck",
    "provider-errors",
    "A number that met 503 BUSY is refused from then on",
    "The error marked the number as failed before anybody looked whether it may be tried again. The merchant retries "
    "as it was told to, and is refused for good, in other words than the first.",
)
_flaw(
    "number-locked",
    "order-not-stuck",
    "provider-errors",
    "A number that met 503 BUSY is in progress for ever",
    "The lock of the number is taken first and released at the end of a success. After an error nobody releases it, so "
    "each retry is told that the first attempt is still being worked on, and queries find no order.",
)

for texts in (*SETTLEMENT_FLAWS, *MONEY_FLAWS, *TAKING_BACK_FLAWS, *KEY_FLAWS, *SANDBOX_FLAWS):
    _flaw(*texts)
for texts in (*STATEMENT_FLAWS, *STATEMENT_FLAWS_OF_NODES):
    _flaw(*texts)
for texts in CALLBACK_FLAWS:
    _flaw(*texts, needs="callback", contract="stripe-payouts")

_flaw(
    "resubmission-never-called-back",
    "resubmission-called-back",
    "none",
    "A resubmission is taken, and its result is never called back",
    "An order that has ended is of no interest to the queue that sends callbacks, so a resubmission of it is answered "
    "202 and nothing follows. A merchant whose callback was lost sends again, as it was told to, and waits for ever.",
    needs="callback",
    contract="mojaloop-fspiop",
)

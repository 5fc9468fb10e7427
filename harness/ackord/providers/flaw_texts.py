"""Holds the texts of the flaws behind the acknowledgement: name, guarantee, profile, title, story."""

from __future__ import annotations

__all__ = ["SETTLEMENT_FLAWS"]

FlawText = tuple[str, str, str, str, str]

SETTLEMENT_FLAWS: tuple[FlawText, ...] = (
    (
        "ack-before-commit",
        "acknowledged-order-visible",
        "node-crash",
        "Acknowledged from memory, committed some 30 ms later",
        "A write-behind buffer made submissions fast. When a node dies, the orders that it acknowledged last do not "
        "exist "
        "any more.",
    ),
    (
        "commit-waits-for-nobody",
        "acknowledged-order-visible",
        "failover-sync",
        "The servers are synchronous, and the sessions that take orders ask for less",
        "The connection pool has set synchronous_commit = local since somebody found commits slow, and it outranks "
        "what "
        "the servers are set to. Nobody notices until a primary dies, and acknowledged orders die with it.",
    ),
    (
        "timeout-failed",
        "acknowledged-order-not-failed",
        "channel-timeouts",
        "A time-out towards the bank is called FAILED",
        "The bank did not answer in time, so the order is closed as failed, while the bank pays. The merchant reads "
        "FAILED and pays again; later the first order turns into PAID.",
    ),
    (
        "stuck-after-timeout",
        "faults-healed-orders-converge",
        "channel-timeouts",
        "Orders whose bank timed out stay PROCESSING for ever",
        "Nobody asks the bank again. The money has moved, and neither the provider nor the merchant ever learns of it.",
    ),
    (
        "callback-twice-moves-twice",
        "resubmission-moves-money-once",
        "channel-timeouts",
        "What the bank reports a second time is booked a second time",
        "The bank's callback and the answer to an inquiry bring the same news, and each handler books the payout "
        "under a "
        "reference of its own. One order number, two payouts; it shows only where the bank was late.",
    ),
    (
        "late-success",
        "terminal-status-final",
        "channel-timeouts",
        "A late report of success overwrites RETURNED with PAID",
        "The bank reports each success twice, the second time through a slow queue, and the status is written without "
        "looking at what stands there. The money came back, and the merchant is told that it was paid.",
    ),
    (
        "unordered-status-cache",
        "status-never-regresses",
        "none",
        "Statuses reach the cache in any order, and the last writer wins",
        "Every change of a status is sent to the cache by a task of its own, without a version. PROCESSING arrives "
        "after "
        "PAID, and the merchant sees the order go back, perhaps for ever.",
    ),
)
"""How statuses are written and what the bank's silence is taken for."""

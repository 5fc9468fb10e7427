"""Holds the texts of the flaws behind the acknowledgement: name, guarantee, profile, title, story."""

from __future__ import annotations

__all__ = [
    "CALLBACK_FLAWS",
    "KEY_FLAWS",
    "MONEY_FLAWS",
    "SANDBOX_FLAWS",
    "SETTLEMENT_FLAWS",
    "TAKING_BACK_FLAWS",
]

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

MONEY_FLAWS: tuple[FlawText, ...] = (
    (
        "paid-tenfold",
        "payout-as-ordered",
        "none",
        "The bank is told ten times the amount",
        "The bank's interface takes tenths of a cent since its last version. Orders, answers and statuses are "
        "right, and ten times the money leaves the account.",
    ),
    (
        "fee-taken-from-payout",
        "payout-as-ordered",
        "none",
        "The bank's fee is taken from the amount",
        "Who bears the fee is an option of the bank's interface, and its default changed. The payee gets one per cent "
        "less than was ordered, shown and booked.",
    ),
    (
        "paid-by-another-account",
        "payout-as-ordered",
        "none",
        "The bank is told another customer's account",
        "The account is taken from a connection that was left in another customer's name. Whoever ordered "
        "sees his payout succeed, and somebody else has paid for it.",
    ),
    (
        "succeeded-unpaid",
        "succeeded-order-paid",
        "none",
        "One order in four is called PAID although the bank was never told",
        "The instruction is put on a queue that drops what does not fit, and the status is written when the "
        "queue has taken it. The merchant tells the payee that the money is there.",
    ),
    (
        "refused-and-paid",
        "refused-order-not-paid",
        "none",
        "One order in four is answered 400 and executed all the same",
        "The order is stored before a check that fails, and the worker that pays looks at the table, not at "
        "the answer. The merchant reads a refusal and pays by other means.",
    ),
    (
        "failed-and-paid",
        "acknowledged-order-not-failed",
        "none",
        "One order in four ends FAILED after the bank has paid it",
        "The bank's answer is stored under a column that one node writes in another format, and what cannot "
        "be read is called a failure. It stays FAILED, and the money is gone.",
    ),
    (
        "paid-under-cut-number",
        "unordered-number-not-paid",
        "none",
        "The bank is told the order number without its last character",
        "The bank's reference is one character shorter than the longest number, and the database cuts it off "
        "without a word. The payout stands in nobody's books.",
    ),
    (
        "another-id-shown",
        "provider-id-stable",
        "none",
        "Queries show the identifier of the transfer, not that of the order",
        "The query was moved to the service that makes transfers, which has identifiers of its own. The one "
        "from the acknowledgement is known to nobody who is asked.",
    ),
    (
        "id-by-node",
        "provider-id-stable",
        "two-nodes",
        "Each node shows an identifier of its own for an order",
        "The identifier is made from a row's number and the node's name when it is shown, not when the order is "
        "stored. The merchant who keeps the one from the acknowledgement finds nothing by it at another node.",
    ),
    (
        "amount-shown-wrong",
        "order-shown-as-submitted",
        "none",
        "Queries show a tenth of the amount",
        "A view divides by ten since amounts got another unit. The right sum is paid, and the merchant's "
        "books show another.",
    ),
)
"""What is paid, and what is shown of it."""

TAKING_BACK_FLAWS: tuple[FlawText, ...] = (
    (
        "cancelled-and-paid",
        "cancelled-order-not-paid",
        "cancel-race",
        "A cancelled order is paid all the same",
        "The cancel writes the status and nothing else; the instruction to the bank was queued with the order. The "
        "merchant reads CANCELLED, pays by other means, and the first payment arrives.",
    ),
    (
        "late-cancel-acknowledged",
        "cancelled-order-not-paid",
        "cancel-race",
        "A cancel that comes too late is answered with CANCELLED",
        "The answer is made from the request, not from the order: whoever asks is told so. The order "
        "goes on, and is shown as paid a moment later.",
    ),
    (
        "refund-resubmitted-twice",
        "refund-moves-money-once",
        "refunds",
        "A refund that is sent again is made again",
        "Orders have had idempotency keys for years; the refund's endpoint was added later and reads no key. The "
        "answer was lost, the merchant sends the same refund again, and the customer gets it twice.",
    ),
    (
        "refund-over-amount",
        "refund-not-over-amount",
        "refunds",
        "Refunds are not compared with what was paid",
        "The limit was in the merchants' portal, and the API has none. A slip in an amount, or one refund after the "
        "other, gives back more than there was.",
    ),
    (
        "refunds-at-once-both-pass",
        "refund-not-over-amount",
        "refunds",
        "What is left of an order is looked up, then the refund is stored, without a lock",
        "Two people press the button, or two workers take the same case: each refund fits into what was left when it "
        "was looked up, and together they are more than was paid.",
    ),
    (
        "refund-lost",
        "acknowledged-refund-paid",
        "refunds",
        "One refund in four is acknowledged and never made",
        "Refunds wait in a list in memory until the bank's next batch, and what does not fit is dropped. The merchant "
        "tells the customer that the money is on its way.",
    ),
)
"""How orders are taken back, and money is given back."""

KEY_FLAWS: tuple[FlawText, ...] = (
    (
        "bytes-compared",
        "resubmission-same-order",
        "payload-identity",
        "Requests are compared byte by byte",
        "The hash of the body is stored beside the key. A merchant whose new library sorts the fields, or writes 10.0 "
        "for 10, is told that the number was used for another order, and pays under a new one.",
    ),
    (
        "key-truncated",
        "key-form-respected",
        "payload-identity",
        "Keys are cut off at the width of their column",
        "The column holds 40 characters, and the database was told to cut off what is longer. Two orders whose keys "
        "differ behind that are one order, and the second payee gets nothing.",
    ),
    (
        "key-case-folded",
        "key-form-respected",
        "payload-identity",
        "Keys are compared without regard to case",
        "The collation of the column ignores case. A merchant whose numbers are in base 62 has two orders under one "
        "key sooner or later.",
    ),
    (
        "empty-key-shared",
        "key-form-respected",
        "payload-identity",
        "The empty key is a key like any other",
        "A merchant's number was not set yet when the request was built. The first such order is taken, and everybody "
        "who comes without a number after that is taken for it.",
    ),
    (
        "second-payload-wins",
        "conflicting-resubmission-refused",
        "payload-identity",
        "What arrives while an order is being checked replaces it",
        "The request is kept in a cache by its number until the checks are done, and the last one that came is stored. "
        "Both are acknowledged, and only one of them is paid.",
    ),
)
"""Flaws of keys, and of what tells payloads apart."""

SANDBOX_FLAWS: tuple[FlawText, ...] = (
    (
        "trigger-ignored",
        "trigger-leads-as-declared",
        "sandbox-triggers",
        "The sandbox pays what it should decline",
        "The list of magic values moved to another service, and the sandbox's copy of it is empty. Every merchant's "
        "test of declines passes, and none of them has seen one.",
    ),
    (
        "keys-expire-early",
        "resubmission-moves-money-once",
        "sandbox-clock",
        "Keys are kept for half of the promised time",
        "The lifetime of a key was set in another unit than the documentation has. No test waits for a day, so nobody "
        "sees that a retry of the next morning is paid a second time.",
    ),
)
"""Flaws of a sandbox."""

CALLBACK_FLAWS: tuple[FlawText, ...] = (
    (
        "callbacks-signed-by-another-key",
        "callback-genuine",
        "none",
        "Callbacks are signed with a key that no merchant was given",
        "The key was rotated where callbacks are made, and the merchants' dashboard still shows the old one. Every "
        "merchant that verifies refuses every callback, and learns no end.",
    ),
    (
        "callbacks-written-anew",
        "callback-genuine",
        "none",
        "Callbacks are signed, and then written once more",
        "The signature is made over the text of a document, and the client that sends it takes the document and writes "
        "it with other white space. The content is right, and its signature is that of other bytes.",
    ),
    (
        "callbacks-signed-as-the-last",
        "callback-genuine",
        "none",
        "A callback carries the signature of the one before it",
        "The headers are kept in an object that all callbacks of a node share. Under load the next one's is filled "
        "before the last one's is sent, and merchants refuse what they get.",
    ),
    (
        "callbacks-in-local-time",
        "callback-genuine",
        "none",
        "The timestamp under a callback's signature is an hour old",
        "The service that signs runs in another time zone and takes its wall clock for UTC. The signature is right and "
        "its time is not, so a merchant that keeps to the tolerance takes each callback for a replay.",
    ),
    (
        "callbacks-sometimes-unsigned",
        "callback-genuine",
        "none",
        "One callback in four is not signed",
        "Callbacks that are sent by the batch of the night take another path than the rest, and nobody signs there. A "
        "merchant that verifies refuses them; one that gave up verifying believes everybody.",
    ),
)
"""How callbacks to merchants are signed."""

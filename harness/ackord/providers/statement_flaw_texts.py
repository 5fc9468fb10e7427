"""Holds the texts of the flaws of statements: name, guarantee, profile, title, story."""

from __future__ import annotations

from .flaw_texts import FlawText

__all__ = ["STATEMENT_FLAWS", "STATEMENT_FLAWS_OF_NODES"]

STATEMENT_FLAWS: tuple[FlawText, ...] = (
    (
        "statement-offset-pages",
        "statement-pages-stable",
        "statement-paging",
        "Pages of a statement are counted from the newest line",
        "The list was made for a screen: newest first, with LIMIT and OFFSET. What is booked while a merchant reads "
        "pushes every line on, and the last lines of a page are the first of the next: they are booked twice.",
    ),
    (
        "statement-page-from-standby",
        "statement-pages-stable",
        "statement-replica-lag",
        "Pages of a statement are read from primary and standby, as it happens",
        "Reports may lag, so they share the read pool with everybody. A merchant that fetches the day once more gets "
        "its last page from the replica, and lines that it had are gone.",
    ),
    (
        "statement-cursor-ignored",
        "statement-cursor-refused",
        "statement-paging",
        "A cursor that cannot be read is the first page",
        "Whatever is no cursor is taken for none. A merchant whose cursor was cut off in its database reads the whole "
        "statement again, and books it again.",
    ),
    (
        "statement-last-page-missing",
        "statement-complete",
        "statement-paging",
        "The last page of a statement is never given",
        "The number of pages is that of the full ones. Whoever reads until there is no next page misses the lines of "
        "the last, which are different ones every day.",
    ),
    (
        "statement-totals-differ",
        "statement-totals-match",
        "statement-paging",
        "A statement counts one line more than it has",
        "The count is that of the file's rows, and the row of the totals is one of them. A merchant that checks its "
        "pull by the totals throws every statement away, or stops checking.",
    ),
    (
        "statement-line-restated",
        "statement-immutable-after-cutoff",
        "statement-paging",
        "Lines change after the statement was fetched",
        "A nightly job corrects lines of the day before, under the same date and the same identifiers. Who fetched the "
        "statement in time has other sums than who fetched it later.",
    ),
    (
        "statement-fen-and-yuan",
        "statement-amounts-match",
        "statement-paging",
        "Some lines have a hundred times the amount",
        "One bank delivers yuan where the others deliver fen, and the export converts both. The merchant finds a "
        "payment of 100.00 that it ordered as 1.00.",
    ),
    (
        "statement-line-on-both-days",
        "statement-no-phantoms",
        "statement-paging",
        "A line at the border stands in the statements of both days",
        "A statement begins a second early, so that nothing is lost at midnight. Nothing is lost, and what was booked "
        "in that second is booked twice.",
    ),
    (
        "statement-line-left-out",
        "statement-complete",
        "statement-paging",
        "One line of fifty is left out",
        "A join drops lines whose counterpart has no name. Nobody misses one payout in fifty, until the balance does "
        "not agree.",
    ),
    (
        "statement-line-twice",
        "statement-no-phantoms",
        "statement-paging",
        "One line of fifty is stated twice, under two identifiers",
        "The writer of the statement was killed and took up its work a little too early. The identifiers are new, so "
        "no merchant sees that it books the same payout again.",
    ),
)

STATEMENT_FLAWS_OF_NODES: tuple[FlawText, ...] = (
    (
        "statement-cursor-in-memory",
        "statement-pages-stable",
        "statement-node-crash",
        "A statement ends where its node was started again",
        "What a cursor stands for is kept in the memory of the node that gave it. A node that was started again knows "
        "none of them, and takes them for the end: the merchant's pull is over, and has half of the day.",
    ),
    (
        "statement-booked-by-node-clock",
        "statement-complete",
        "statement-clock-zone",
        "A payout is booked at what its node takes for the time",
        "The time of a line is the application's, not the database's. A machine that is set to another zone books its "
        "payouts hours away, in the statement of another day.",
    ),
)
"""Those that show when a node is cut off, or has another time: they are not simulated."""

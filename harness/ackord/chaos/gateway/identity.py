"""Reads a request's identity from the ``ackord-*`` headers that the harness's own clients send to the gateway.

    ackord-op: 17                      number of the merchant's operation
    ackord-key: submit/123/1           operation / ordinal of the order / attempt
    ackord-node: B                     which of the provider's nodes it is for
    ackord-token: t9                   others may wait for this exchange
    ackord-hold: ack:t9                wait until the exchange with that token was answered, whatever the answer
                                       says (release on acknowledgement)
    ackord-hold: pass:t9               the same for a submit that a query is to overtake
    ackord-hold: barrier:g1:3          wait for three requests of the group, then send their last bytes together
    ackord-inject: lost-answer         a fault that hits exactly this request, with its default parameters

The provider never sees them. A request without them is a foreign merchant's: its ``op`` is minus the number of its
arrival, by which the records of one request find each other. If the edge knows the contract, such a request is
recognised by what it says (``request_recognition``).
"""

from __future__ import annotations

from typing import NamedTuple

from ...errors import UsageError

__all__ = ["READS", "HoldUntil", "RequestIdentity", "read_hold", "read_identity"]


READS = frozenset({"query", "ledger", "statement"})
"""Operations that only read."""


class HoldUntil(NamedTuple):
    """What a request waits for at the gateway."""

    name: str
    """The token that is waited for, or the barrier's group."""
    members: int
    """How many requests a barrier needs; 0: it waits for a token."""


class RequestIdentity(NamedTuple):
    """Identifies a request in records and keys the decisions about its faults."""

    op: int
    key: str
    operation: str
    ordinal: int
    attempt: int
    node: str
    token: str
    hold: HoldUntil | None
    inject: str = ""
    """A fault that was asked for by name."""
    order: str = ""
    """The order number of a request without a key, if the gateway knows the contract and recognises it."""
    scope: str = ""
    """What tells apart the merchants that may ask for that order; empty where nothing does."""

    @property
    def order_key(self) -> int | str | None:
        """What the gateway remembers the order by; ``None``: it does not know which order it is."""
        return self.ordinal if self.key else self.order or None

    def said(self) -> dict[str, str]:
        """Return what the record of a fault's effect says of a request that was recognised; no number joins those."""
        return {"operation": self.operation, "order": self.order} if self.order else {}


_KNOWN = frozenset({"ackord-op", "ackord-key", "ackord-node", "ackord-token", "ackord-hold", "ackord-inject"})


def read_identity(headers: dict[str, str] | None, arrival: int) -> RequestIdentity:
    """Read the headers (names in lower case).

    ``arrival`` numbers the edge's requests from 1: it is the ordinal of a request without a key. Raises ``UsageError``
    for a misspelled or malformed header: a requested fault that is silently not injected would make a guarantee look
    held.
    """
    if headers is None:
        return tuple.__new__(
            RequestIdentity, (-arrival, "", "", arrival, 0, "", "", None, "", "", "")
        )  # twice as fast as to call the class
    if not headers.keys() <= _KNOWN:
        unknown = ", ".join(sorted(headers.keys() - _KNOWN))
        raise UsageError(f"unknown header {unknown}. Known: {', '.join(sorted(_KNOWN))}")
    key = headers.get("ackord-key", "")
    operation, ordinal, attempt = "", arrival, 0
    try:
        op = int(headers.get("ackord-op", -arrival))  # one that only names its node is no operation of the client
        if key:
            operation, ordinal_text, attempt_text = key.split("/")
            ordinal, attempt = int(ordinal_text), int(attempt_text)
    except ValueError:
        raise UsageError(
            f"ackord-op: {headers.get('ackord-op', '')!r} or ackord-key: {key!r} is malformed. "
            "Expected a number, and operation/ordinal/attempt such as submit/123/1"
        ) from None
    hold = read_hold(headers["ackord-hold"]) if "ackord-hold" in headers else None
    node, token, inject = (headers.get(name, "") for name in ("ackord-node", "ackord-token", "ackord-inject"))
    return RequestIdentity(op, key, operation, ordinal, attempt, node, token, hold, inject)


def read_hold(text: str) -> HoldUntil:
    """Read what a request waits for, as ``ackord-hold`` says it. Raises ``UsageError`` if it is malformed."""
    kind, _, rest = text.partition(":")
    if kind in ("ack", "pass") and rest:
        return HoldUntil(rest, 0)
    group, _, members = rest.rpartition(":")
    if kind == "barrier" and group and members.isascii() and members.isdigit() and 1 <= int(members) <= 10_000:
        return HoldUntil(group, int(members))
    raise UsageError(
        f"ackord-hold: {text!r} is malformed. Expected ack:TOKEN, pass:TOKEN or barrier:GROUP:N (N from 1)"
    )

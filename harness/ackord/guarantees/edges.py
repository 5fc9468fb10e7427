"""Decides whether declared later edges explain that an order left a terminal state; a path may use several edges, each
within its horizon.

Theory. Let an answer that showed state ``s`` have begun at ``b``, and let a later one show ``t``. The order left ``s``
at some instant not before ``b``. Every hop ``x -> y`` of a path from ``s`` to ``t`` is open until ``first sight of x +
horizon`` (for ever, if ``x`` was never seen or the edge has no horizon). All hops may have happened at one instant, as
early as ``b``. So a path explains the pair exactly if ``b`` is not after the earliest closing of its hops, and the pair
is explained if some path explains it. A late *sight* of ``t`` alone proves nothing, because the order may have moved
long before the query. A late sight of ``s`` does.

From a state that is not terminal the order may advance without a declared edge. An edge such as ``FAILED ->
PROCESSING`` therefore leads on to every terminal state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..core.payment_state import RANK, LaterEdge, PaymentState

__all__ = ["ALWAYS_NS", "NEVER_NS", "LaterEdges"]

NEVER_NS = -(1 << 63)
ALWAYS_NS = 1 << 63

_ADVANCES = tuple(
    LaterEdge(source, target)
    for source in (PaymentState.RECEIVED, PaymentState.PROCESSING)
    for target in PaymentState
    if RANK[target] > RANK[source]
)


class LaterEdges:
    """The transitive closure of the declared edges."""

    def __init__(self, declared: Iterable[LaterEdge]) -> None:
        self._declared = tuple(declared)
        self._paths: dict[tuple[PaymentState, PaymentState], list[tuple[LaterEdge, ...]]] = {}

    def declared(self, source: PaymentState, target: PaymentState) -> bool:
        """Return whether any path leads from ``source`` to ``target``, whatever its horizon."""
        return bool(self._between(source, target))

    def open_until_ns(
        self, source: PaymentState, target: PaymentState, first_seen_ns: Mapping[PaymentState, int]
    ) -> int:
        """Return until when ``source`` may be left for ``target``; ``NEVER_NS`` without a path.

        ``first_seen_ns`` gives the instant in which each state was first shown by a complete answer.
        """
        closing_ns = NEVER_NS
        for path in self._between(source, target):
            path_ns = ALWAYS_NS
            for edge in path:
                if edge.within_ns is not None and edge.source in first_seen_ns:
                    path_ns = min(path_ns, first_seen_ns[edge.source] + edge.within_ns)
            closing_ns = max(closing_ns, path_ns)
        return closing_ns

    def _between(self, source: PaymentState, target: PaymentState) -> list[tuple[LaterEdge, ...]]:
        if not self._declared:
            return []
        key = (source, target)
        if key not in self._paths:
            self._paths[key] = list(self._walk(source, target, ()))
        return self._paths[key]

    def _walk(
        self, here: PaymentState, target: PaymentState, path: tuple[LaterEdge, ...]
    ) -> Iterator[tuple[LaterEdge, ...]]:
        visited = {edge.source for edge in path}
        for edge in (*self._declared, *_ADVANCES):
            if edge.source is not here or edge.target in visited or edge.target is here:
                continue
            if edge.target is target:
                yield (*path, edge)
            else:
                yield from self._walk(edge.target, target, (*path, edge))

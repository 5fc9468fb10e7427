"""Name the nodes that a provider may have. Import nothing heavy: the fork server loads this before it forks."""

from __future__ import annotations

from ...errors import UsageError

__all__ = ["NODES", "ports_of"]

NODES = ("A", "B")


def ports_of(nodes: int | list[str], ports: dict[str, int]) -> dict[str, int]:
    """Return the port of each requested node; 0 lets the system choose. Raises ``UsageError``."""
    names = list(NODES[:nodes]) if isinstance(nodes, int) else nodes
    if (
        nodes not in (1, len(NODES), names)
        or not names
        or len(set(names)) != len(names)
        or not set(names) <= set(NODES)
    ):
        raise UsageError(f"the nodes are {' and '.join(NODES)}, one or both, not {nodes!r}")
    if stray := set(ports) - set(names):
        raise UsageError(f"a port is given for {', '.join(sorted(stray))}, which is no node here")
    return {name: ports.get(name, 0) for name in names}

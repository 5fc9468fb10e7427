"""Node names and ports of the request ``start``."""

from __future__ import annotations

import pytest

from ackord.errors import UsageError
from ackord.providers.supervisor.node_names import ports_of


@pytest.mark.parametrize(
    ("nodes", "ports", "expected"),
    [
        (1, {}, {"A": 0}),
        (2, {"B": 8080}, {"A": 0, "B": 8080}),
        (["B"], {"B": 8080}, {"B": 8080}),
    ],
)
def test_each_node_has_a_port(nodes: int | list[str], ports: dict[str, int], expected: dict[str, int]) -> None:
    assert ports_of(nodes, ports) == expected


@pytest.mark.parametrize(
    ("nodes", "ports", "match"),
    [
        (0, {}, "one or both, not 0"),
        (3, {}, "one or both, not 3"),
        ([], {}, "one or both"),
        (["C"], {}, "one or both"),
        (["A", "A"], {}, "one or both"),
        (1, {"B": 1}, "B, which is no node here"),
    ],
)
def test_what_names_no_node_is_refused(nodes: int | list[str], ports: dict[str, int], match: str) -> None:
    with pytest.raises(UsageError, match=match):
        ports_of(nodes, ports)

"""Counts the bytes of proxies under the names of Toxiproxy's metrics, and writes them as Prometheus reads them.

The format is Prometheus' text format 0.0.4. Toxiproxy counts a connection when it ends; these count at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

__all__ = ["CONTENT_TYPE", "ByteCounts", "Labels"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"

Labels = tuple[str, str, str, str]
"""Direction, proxy, listener, upstream."""
_NAMES = ("direction", "proxy", "listener", "upstream")
_SORTED = (0, 2, 1, 3)
_METRICS = ("toxiproxy_proxy_received_bytes_total", "toxiproxy_proxy_sent_bytes_total")


@dataclass
class ByteCounts:
    """Bytes received and sent, of every listener that there was: a counter must not go down when one is closed."""

    ended: dict[Labels, tuple[int, int]] = field(default_factory=dict)

    def add(self, labels: Labels, received: int, sent: int) -> None:
        """Add the counts of a listener that is closed."""
        earlier = self.ended.get(labels, (0, 0))
        self.ended[labels] = (earlier[0] + received, earlier[1] + sent)

    def text(self, open_now: Iterable[tuple[Labels, int, int]]) -> bytes:
        """Return both metrics, with those of the listeners that are open."""
        total = ByteCounts(dict(self.ended))
        for labels, received, sent in open_now:
            total.add(labels, received, sent)
        lines = []
        for index, metric in enumerate(_METRICS):
            lines += [f"# HELP {metric} ", f"# TYPE {metric} counter"]
            lines += [f"{metric}{_braced(labels)} {counts[index]}" for labels, counts in sorted(total.ended.items())]
        return "".join(f"{line}\n" for line in lines).encode()


def _braced(labels: Labels) -> str:
    return "{" + ",".join(f'{_NAMES[n]}="{_escaped(labels[n])}"' for n in _SORTED) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

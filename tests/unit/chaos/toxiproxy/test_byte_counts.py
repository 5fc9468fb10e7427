"""Byte counts as Prometheus reads them."""

from __future__ import annotations

from ackord.chaos.toxiproxy.byte_counts import ByteCounts

LABELS = ("upstream", "p", "127.0.0.1:1", "h:2")


def test_counts_of_what_is_closed_and_what_is_open_add_up() -> None:
    counts = ByteCounts()
    counts.add(LABELS, 3, 2)
    counts.add(LABELS, 3, 2)
    text = counts.text([(LABELS, 10, 10)]).decode()
    labels = '{direction="upstream",listener="127.0.0.1:1",proxy="p",upstream="h:2"}'
    assert f"toxiproxy_proxy_received_bytes_total{labels} 16\n" in text
    assert f"toxiproxy_proxy_sent_bytes_total{labels} 14\n" in text
    assert counts.text([]).decode().count(" 6\n") == 1, "asking changes nothing"


def test_names_are_escaped() -> None:
    text = ByteCounts().text([(("upstream", 'a"b\\c\nd', "l", "u"), 1, 1)]).decode()
    assert 'proxy="a\\"b\\\\c\\nd"' in text

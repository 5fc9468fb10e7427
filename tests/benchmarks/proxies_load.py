"""The load of `proxies.py`: wrk for requests, connections of our own for memory."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
import time
from typing import NamedTuple

from .proxies_parts import BODY_BYTES, Proxy, machine_s

_REQUEST = b"GET /v1/orders/17 HTTP/1.1\r\nHost: provider\r\n\r\n"
_SCRIPT = """
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
"""
_CALM = 0.04
_SETTLE_S = 1.6
"""The gateway drops idle connections to the provider after a second."""


class Load(NamedTuple):
    """What one run of wrk measured."""

    requests_per_s: float
    requests_per_cpu_s: float
    """Of the proxy's CPU time."""
    p50_us: float
    p99_us: float
    reader_us: float
    """CPU time of this process for each record that it read."""
    others: float
    """The part of the machine's CPU time that others used meanwhile, or that its host took."""


class Memory(NamedTuple):
    """What a proxy uses with many open connections."""

    rss_mb: float
    per_connection_kib: float
    """The process's own memory over that before them."""


def calm_load(proxy: Proxy, nginx: Proxy, connections: int, seconds: int, tries: int) -> Load:
    """A load that others did not disturb; of ``tries`` that they did, the one that they disturbed least."""
    rows: list[Load] = []
    while len(rows) < tries and not (rows and rows[-1].others < _CALM):
        rows.append(load(proxy, nginx, connections, seconds))
    return min(rows, key=lambda row: row.others)


def load(proxy: Proxy, nginx: Proxy, connections: int, seconds: int) -> Load:
    """Run wrk on one thread. Exits unless every request was answered with 200, and recorded where the proxy records."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_SCRIPT)
        script.flush()
        url = f"http://127.0.0.1:{proxy.port}/v1/orders/17"
        words = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script.name, url]
        records, before = proxy.records, _used(proxy, nginx)
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        read, after = proxy.records, _used(proxy, nginx)
    elapsed_s, machine_s, cpu_s, nginx_s, own_s, wrk_s = (b - a for a, b in zip(before, after, strict=True))
    ours_s = cpu_s + (0.0 if proxy is nginx else nginx_s) + own_s + wrk_s
    others = max(0.0, machine_s - ours_s) / elapsed_s / (os.cpu_count() or 1)
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))
    requests, duration_us, p50_us, p99_us, errors = map(int, line.split()[1:])
    if not requests:
        raise SystemExit(
            f"{proxy.name} answered nothing within {seconds:g} s: give it more (--seconds), or the machine less to do"
        )
    if errors:
        raise SystemExit(f"{proxy.name}: {errors} errors in {requests} requests:\n{done.stdout}")
    if read is not None and records is not None and not requests <= read - records <= requests + connections:
        raise SystemExit(f"{proxy.name}: {requests} requests, but {read - records} records")
    reader_us = own_s / requests * 1e6 if read is not None else 0.0
    return Load(requests / duration_us * 1e6, requests / max(cpu_s, 1e-3), p50_us, p99_us, reader_us, others)


def _used(proxy: Proxy, nginx: Proxy) -> tuple[float, ...]:
    """The time, and the CPU time of the machine, of proxy, nginx, this process and the programs that it ran, in
    seconds.
    """
    own = os.times()
    return (
        time.monotonic(), machine_s(), proxy.cpu_s(), nginx.cpu_s(), own.user + own.system,
        own.children_user + own.children_system,
    )  # fmt: skip


def memory(proxy: Proxy, connections: int) -> Memory:
    """Open the connections, each of which makes one request. ``proxy`` must be fresh, or what it used before hides what
    they need.
    """
    with contextlib.ExitStack() as few:
        _open(proxy, 20, few)  # the code is loaded
    time.sleep(_SETTLE_S)
    _, before_kib = proxy.memory_kib()
    with contextlib.ExitStack() as many:
        _open(proxy, connections, many)
        rss_kib, own_kib = proxy.memory_kib()
    time.sleep(_SETTLE_S)
    return Memory(rss_kib / 1024, (own_kib - before_kib) / connections)


def _open(proxy: Proxy, connections: int, keep: contextlib.ExitStack) -> None:
    for _ in range(connections):
        connection = keep.enter_context(socket.create_connection(("127.0.0.1", proxy.port), 30))
        connection.sendall(_REQUEST)
        answer = b""
        while b"\r\n\r\n" not in answer or len(answer.partition(b"\r\n\r\n")[2]) < BODY_BYTES:
            piece = connection.recv(65_536)
            if not piece:
                raise SystemExit(f"{proxy.name} closed a connection: {answer!r}")
            answer += piece

"""The HTTP gateway and the embedded engine's links against Toxiproxy and mitmproxy, in front of the same nginx, by
ratios in one run.

    python -m tests.benchmarks.proxies                    some seven minutes; prints Markdown, exits with 1 if a line is
                                                          missed
    python -m tests.benchmarks.proxies --lenient          prints only
    python -m tests.benchmarks.proxies --compiled .tools/compiled     the compiled gateway as well (.ci/compiled.sh)
    python -m tests.benchmarks.proxies --rounds 1 --seconds 1 --mitmdump PATH     to try it

Every proxy has its turn in every round, so what else the machine does meets all alike; figures are medians of the
rounds, ratios are medians of each round's ratio. Where there are two cores the proxy has one to itself, and nginx, wrk
and this process, which reads the gateway's records, share another. See the README in this folder for what the columns
mean.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ackord.host.run_dir import RunDir

from .proxies_load import Load, Memory, calm_load, load, memory
from .proxies_parts import (
    CompiledGateway,
    Direct,
    Gateway,
    Link,
    Mitmproxy,
    Proxy,
    Toxiproxy,
    find_toxiproxy,
    mitmdump,
    need,
    pin,
    start_nginx,
)

HELD_CONNECTIONS = 1000
INJECTED_MS = 10
NGINX, GATEWAY, LINK, TOXIPROXY, MITMPROXY = (k.name for k in (Direct, Gateway, Link, Toxiproxy, Mitmproxy))
COMPILED = CompiledGateway.name

CASES: dict[str, tuple[int, int]] = {"one": (1, 0), "few": (16, 0), "many": (64, 0), "late": (16, INJECTED_MS)}
"""Connections, and milliseconds of injected latency."""

Rows = dict[tuple[str, str], list[Load]]
"""Proxy and case -> one load a round."""


class Line(NamedTuple):
    """A line that the project asks of itself."""

    what: str
    asked: str
    got: str
    met: bool


class Figures:
    """Everything that was measured, and what follows from it."""

    def __init__(self, rows: Rows, held: dict[str, Memory]) -> None:
        self.rows = rows
        self.held = held

    def median(self, proxy: str, case: str, value: Callable[[Load], float]) -> float:
        return statistics.median(map(value, self.rows[proxy, case]))

    def spread(self, proxy: str, case: str, value: Callable[[Load], float]) -> tuple[float, float]:
        values = [value(row) for row in self.rows[proxy, case]]
        return min(values), max(values)

    def ratio(self, ours: str, theirs: str, case: str, value: Callable[[Load], float]) -> float:
        pairs = zip(self.rows[ours, case], self.rows[theirs, case], strict=True)
        return statistics.median(value(our) / value(their) for our, their in pairs)

    def added_us(self, proxy: str) -> float:
        pairs = zip(self.rows[proxy, "one"], self.rows[NGINX, "one"], strict=True)
        return statistics.median(row.p50_us - direct.p50_us for row, direct in pairs)

    def late_ms(self, proxy: str, value: Callable[[Load], float]) -> float:
        """How far a quantile of the injected latency is from what was asked for."""
        return statistics.median(abs(value(row) / 1000 - INJECTED_MS) for row in self.rows[proxy, "late"])

    def has(self, proxy: str) -> bool:
        return (proxy, "many") in self.rows

    def lines(self, ours: str) -> list[Line]:
        found = []

        def at_least(what: str, got: float, line: float) -> None:
            found.append(Line(what, f"at least {line:g}x", f"{got:.2f}x", got >= line))

        def at_most(what: str, got: float, line: float, unit: str, theirs: float | None = None) -> None:
            beside = "" if theirs is None else f" (Toxiproxy {theirs:.2f})"
            found.append(Line(what, f"at most {line:g}{unit}", f"{got:.2f}{unit}{beside}", got <= line))

        for case, line in (("many", 1.0), ("few", 0.9)):
            connections = CASES[case][0]
            got = self.ratio(ours, TOXIPROXY, case, per_cpu)
            at_least(f"requests a CPU-second / Toxiproxy's, {connections} connections", got, line)
        for case in ("many", "few"):
            at_most(
                f"p99 / Toxiproxy's, {CASES[case][0]} connections", self.ratio(ours, TOXIPROXY, case, p99), 1.0, "x"
            )
        at_most("added p50, 1 connection", self.added_us(ours), 50, " µs", self.added_us(TOXIPROXY))
        for name, quantile, line in (("p50", p50, 1), ("p99", p99, 2)):
            got, theirs = (self.late_ms(proxy, quantile) for proxy in (ours, TOXIPROXY))
            at_most(f"injected {INJECTED_MS} ms, {name} off by", got, line, " ms", theirs)
        got, theirs = (self.held[proxy].per_connection_kib for proxy in (ours, TOXIPROXY))
        at_most(f"memory a connection, {HELD_CONNECTIONS} open", got, 6, " KiB", theirs)
        if self.has(MITMPROXY):
            for case in ("many", "few"):
                got = self.ratio(ours, MITMPROXY, case, per_cpu)
                at_least(f"requests a CPU-second / mitmproxy's, {CASES[case][0]} connections", got, 10)
        return found


def per_cpu(row: Load) -> float:
    return row.requests_per_cpu_s


def per_s(row: Load) -> float:
    return row.requests_per_s


def p50(row: Load) -> float:
    return row.p50_us


def p99(row: Load) -> float:
    return row.p99_us


def measure(nginx: Proxy, proxies: list[Proxy], rounds: int, seconds: int, tries: int) -> Rows:
    rows: Rows = {}
    for proxy in proxies:
        load(proxy, nginx, 16, 1)  # warm
    for number in range(rounds):
        for case, (connections, ms) in CASES.items():
            for proxy in [nginx, *proxies]:
                if ms and not proxy.has_latency:
                    continue
                if ms:
                    proxy.set_latency(ms)
                row = calm_load(proxy, nginx, connections, seconds, tries)
                if ms:
                    proxy.set_latency(0)
                rows.setdefault((proxy.name, case), []).append(row)
        others = statistics.median(found[-1].others for found in rows.values())
        print(f"round {number + 1} of {rounds}: others used {others:.0%} of the machine", file=sys.stderr)
    return rows


def table(figures: Figures) -> str:
    """What was measured, in the README's format."""
    lines = [
        "| | 16 connections: a CPU-second | a second | p50 / p99 µs | 64 connections: a CPU-second | a "
        "second | p50 / p99 µs "
        f"| added p50, 1 connection | {INJECTED_MS} ms off by, p50 / p99 | {HELD_CONNECTIONS} connections |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name in (NGINX, TOXIPROXY, GATEWAY, COMPILED, LINK, MITMPROXY):
        if not figures.has(name):
            continue
        cells = []
        for case in ("few", "many"):
            low, high = figures.spread(name, case, per_cpu)
            cpu = "-" if name == NGINX else f"{figures.median(name, case, per_cpu):,.0f} ({low:,.0f}-{high:,.0f})"
            quantiles = f"{figures.median(name, case, p50):,.0f} / {figures.median(name, case, p99):,.0f}"
            cells += [cpu, f"{figures.median(name, case, per_s):,.0f}", quantiles]
        cells.append("-" if name == NGINX else f"{figures.added_us(name):.0f} µs")
        if (name, "late") in figures.rows:
            cells.append(f"{figures.late_ms(name, p50):.2f} / {figures.late_ms(name, p99):.2f} ms")
        else:
            cells.append("-")
        held = figures.held.get(name)
        cells.append(f"{held.rss_mb:.0f} MB, {held.per_connection_kib:.1f} KiB each" if held else "-")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def verdict(lines: list[Line]) -> str:
    rows = [f"| {line.what} | {line.asked} | {line.got} | {'yes' if line.met else '**no**'} |" for line in lines]
    return "\n".join(["| line | asked | got | met |", "|---|---|---|---|", *rows])


def compare(options: argparse.Namespace) -> Figures:
    cores = sorted(os.sched_getaffinity(0))
    core, elsewhere = (cores[0], cores[1]) if len(cores) > 1 else (None, None)
    need("nginx", "wrk", *(["taskset"] if core is not None else []))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with contextlib.ExitStack() as stack:
        mitm = "" if options.without_mitmproxy else stack.enter_context(mitmdump(options.mitmdump))
        pin(os.getpid(), elsewhere)
        run = stack.enter_context(RunDir.create())
        nginx = start_nginx(run, elsewhere)
        toxiproxy = Toxiproxy(run, nginx.port, core, find_toxiproxy())
        gateway, link = Gateway(run, nginx.port), Link(run, nginx.port)
        stack.callback(link.stop)
        stack.callback(gateway.stop)
        pin(gateway.pid, core)
        pin(link.pid, core)
        proxies: list[Proxy] = [toxiproxy, gateway, link]
        if options.compiled is not None:
            compiled = CompiledGateway(run, nginx.port, options.compiled)
            stack.callback(compiled.stop)
            pin(compiled.pid, core)
            proxies.insert(2, compiled)
        if mitm:
            proxies.append(Mitmproxy(run, nginx.port, core, mitm))
        print(f"{toxiproxy.version}; core {core} for the proxy, {elsewhere} for the rest", file=sys.stderr)
        held = {proxy.name: memory(proxy, HELD_CONNECTIONS) for proxy in proxies}
        rows = measure(nginx, proxies, options.rounds, options.seconds, options.tries)
    return Figures(rows, held)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="(default: %(default)s)")
    parser.add_argument("--seconds", type=int, default=3, help="of each load (default: %(default)s)")
    parser.add_argument("--tries", type=int, default=4, help="of a load that others disturb (default: %(default)s)")
    parser.add_argument(
        "--mitmdump", default="", help="a mitmdump that is there; by default it is installed for the run"
    )
    parser.add_argument(
        "--compiled", type=Path, metavar="FOLDER", help="a folder with a compiled build to measure, too"
    )
    parser.add_argument("--without-mitmproxy", action="store_true")
    parser.add_argument("--without-arming", action="store_true", help="leave out arming.py")
    parser.add_argument("--lenient", action="store_true", help="exit with 0 also if a line is missed")
    options = parser.parse_args()
    figures = compare(options)
    lines = figures.lines(GATEWAY)
    reader_us = figures.median(GATEWAY, "many", lambda row: row.reader_us)
    others = sorted(row.others for found in figures.rows.values() for row in found)
    print(
        f"Others used {statistics.median(others):.1%} of the machine meanwhile, at worst {others[-1]:.1%} of "
        "a load's.\n"
    )
    print(f"{table(figures)}\n\nReading a record of the gateway's cost its parent {reader_us:.1f} µs of CPU.\n")
    print(f"**{GATEWAY}**\n\n{verdict(lines)}")
    for name in (COMPILED, LINK):
        if figures.has(name):
            print(f"\n**{name}**, held to the same lines\n\n{verdict(figures.lines(name))}")
    missed = not all(line.met for line in lines)
    if not options.without_arming:
        print("\n**Arming a fault**\n", flush=True)
        missed |= subprocess.run([sys.executable, "-m", f"{__package__}.arming"]).returncode != 0
    return int(missed and not options.lenient)


if __name__ == "__main__":
    sys.exit(main())

"""Providers of other authors over a PostgreSQL primary and its standby. Each serves queries by a process of its own,
which reads from the one or the other; its contract says how all of it is started.

``python -m tests.live.real_systems five-bells-held 20 STANDBY 100,5,1,0 120`` prints rows of a table in
docs/EVIDENCE.md: the system, how many seeds, where queries are answered from, the lags in milliseconds, and how many
orders are disturbed in a run (40 if it is left out).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import shutil
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from ackord.core.event import FaultChange
from ackord.core.result import ProfileResult
from ackord.core.verdict import Result
from ackord.host.free_port import free_port
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan
from ackord.run.session import Session

from .loopback_server import changed
from .programs import CONTRACTS, folder

__all__ = ["broken", "lag_ms", "played", "session"]

_ROOT = Path(__file__).parents[2]
_FOREIGN = Path(__file__).parent / "foreign"
_VISIBLE = "acknowledged-order-visible"
_LEDGER = "http://ledger.example"
"""What Five Bells Ledger calls itself in the addresses of its accounts, whichever node answers."""
_CONDITION = "ni:///sha-256;47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU?fpt=preimage-sha-256&cost=0"
"""The hash of nothing."""


class Prepared(NamedTuple):
    """A system that is not started yet."""

    contract: str
    """Text of its contract."""
    environment: Mapping[str, str]
    """Variables that the contract and its commands need."""
    ports: Mapping[str, int]


def _topology(data: Path, ports: Mapping[str, int], fill: str, programs: Mapping[str, str]) -> str:
    pair = f"{sys.executable}, -m, tests.live.foreign.postgres_pair"
    nodes = "".join(f"\n    {name}: {{run: [sh, -c, '{command}']}}" for name, command in programs.items())
    return f"""
base_url: "http://127.0.0.1:{ports["a"]}"
hosts: {{reads: "http://127.0.0.1:{ports["reads"]}"}}
topology:
  timeout: 300s
  start: {{command: [{pair}, start, "{data}", sh, -c, '{fill}']}}
  stop: {{command: [{pair}, stop, "{data}"]}}
  nodes: {nodes}
  links:
    replication:
      to: 127.0.0.1:{ports["primary"]}
      carries: replication
      lag: {{postgresql: {{primary: "${{env:PRIMARY}}", replica: "${{env:STANDBY}}"}}}}
"""


def _lnbits(data: Path, ports: Mapping[str, int], reads: str) -> tuple[str, dict[str, str]]:
    python = folder() / "lnbits" / "venv" / "bin" / "python"
    program = f"{python} {_FOREIGN / 'lnbits_node.py'} {data}"
    url = {name: f'LNBITS_DATABASE_URL="postgres${{{name}#postgresql}}"' for name in ("PRIMARY", "STANDBY")}
    topology = _topology(
        data,
        ports,
        f"{url['PRIMARY']} exec {program}/seed seed",
        {
            "a": f"{url['PRIMARY']} exec {program}/a {ports['a']}",
            "reads": f"{url[reads]} exec {program}/reads {ports['reads']}",
        },
    )
    query = "request: {method: GET, path: /api/v1/payments, query: {external_id:"
    contract = changed(
        (CONTRACTS / "lnbits-payments.yaml").read_text(),
        ("currency: KWD\n", f"currency: KWD\n{topology}"),
        (query, query.replace("{method", "{host: reads, method")),
        ("limits: {", "limits: {timeout: 30s, "),
    )
    return contract, {f"LNBITS_{name}_KEY": secrets.token_hex(16) for name in ("MAIN", "OTHER", "PAYEE")}


def _five_bells_held(data: Path, ports: Mapping[str, int], reads: str) -> tuple[str, dict[str, str]]:
    """Transfers that wait for a condition: the ledger takes the money and acknowledges, and does not pay it out yet."""
    contract, environment = _five_bells(data, ports, reads)
    debits = "      debits: "
    return changed(contract, (debits, f'      execution_condition: "{_CONDITION}"\n{debits}')), environment


def _five_bells(data: Path, ports: Mapping[str, int], reads: str) -> tuple[str, dict[str, str]]:
    home = folder() / "five-bells-ledger" / "node_modules"
    database = {name: f'LEDGER_DB_URI="postgres${{{name}#postgresql}}"' for name in ("PRIMARY", "STANDBY")}
    serve = f"exec node {home / 'five-bells-ledger' / 'src' / 'app.js'}"
    topology = _topology(
        data,
        ports,
        f"{database['PRIMARY']} exec node {_FOREIGN / 'fill_five_bells.js'}",
        {
            "a": f"{database['PRIMARY']} LEDGER_PORT={ports['a']} {serve}",
            "reads": f"{database[reads]} LEDGER_PORT={ports['reads']} {serve}",
        },
    )
    query = "request: {method: GET, path:"
    contract = changed(
        (CONTRACTS / "five-bells-transfers.yaml").read_text(),
        ("currency: EUR  ", f"{topology}\ncurrency: EUR  "),
        (query, query.replace("{method", "{host: reads, method")),
        ("limits: {", "limits: {timeout: 30s, "),
    )
    secret = secrets.token_hex(16)
    environment = {
        "NODE_ENV": "production",
        "NODE_PATH": str(home),
        "LEDGER_SECRET": secret,
        "LEDGER_PUBLIC_URI": _LEDGER,
        "LEDGER_BIND_IP": "127.0.0.1",
        "LEDGER_AMOUNT_SCALE": "2",
    }
    return contract, environment | {
        f"FIVE_BELLS_{name.upper()}_TOKEN": _ledger_token(secret, name) for name in ("main", "other")
    }


def _ledger_token(secret: str, account: str) -> str:
    """What Five Bells Ledger hands out for a password (``GET /auth_token``), without that request: a JSON Web Token."""
    key = hmac.digest(secret.encode(), b"authToken", hashlib.sha256)
    claims = {"iss": _LEDGER, "sub": f"{_LEDGER}/accounts/{account}"}
    signed = ".".join(_base64url(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{signed}.{_base64url(hmac.digest(key, signed.encode(), hashlib.sha256))}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


SYSTEMS = {"lnbits": _lnbits, "five-bells": _five_bells, "five-bells-held": _five_bells_held}


@contextmanager
def prepared(name: str, reads: str) -> Iterator[Prepared]:
    """A system whose queries are answered from ``reads``: ``PRIMARY``, ``STANDBY``, or ``SYNCHRONOUS``, which is a
    standby that every commit waits for.
    """
    data = Path(tempfile.mkdtemp(prefix="ackord-real-"))  # PostgreSQL runs as another user, who must get there
    data.chmod(0o711)
    ports = {part: free_port() for part in ("a", "reads", "primary", "standby")}
    word = secrets.token_hex(8)
    servers = {
        part.upper(): f"postgresql://postgres:{word}@127.0.0.1:{ports[part]}/postgres"
        for part in ("primary", "standby")
    }
    synchronous = reads == "SYNCHRONOUS"
    contract, environment = SYSTEMS[name](data, ports, "STANDBY" if synchronous else reads)
    environment |= {
        "PYTHONPATH": str(_ROOT),
        "PGPASSWORD": word,
        "SYNCHRONOUS": "yes" if synchronous else "",
        "PRIMARY_PORT": str(ports["primary"]),
        "STANDBY_PORT": str(ports["standby"]),
        **servers,
    }
    try:
        yield Prepared(contract, environment, ports)
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _named(ms: float) -> str:
    return f"lag-{ms:g}ms".replace(".", "-")


def lag_profile(ms: float, orders: int) -> str:
    """The shipped profile of a lag of 1 ms with another lag (0: with none), and so many orders while it is there."""
    text = changed(
        (_ROOT / "chaos_profiles" / "replica-lag-1ms.yaml").read_text(),
        ("name: replica-lag-1ms", f"name: {_named(ms)}"),
        ("{steady: {orders: 20}, disturb: {orders: 120,", f"{{steady: {{orders: 8}}, disturb: {{orders: {orders},"),
        ("ms: 1\n", f"ms: {ms:g}\n"),
        ("exposure_window: 2ms\n", f"exposure_window: {2 * ms or 2:g}ms\nmachine: false\n"),
    )
    if ms:
        return text
    before, _, rest = text.partition("faults:")
    return before + rest[rest.index("exposes:") :]


def lag_ms(result: ProfileResult) -> float | None:
    """The median lag that the probe measured while the fault was there."""
    proven = [
        e.detail["probe_lag_ms"]
        for e in result.history.events
        if isinstance(e, FaultChange) and "probe_lag_ms" in e.detail
    ]
    return statistics.median(proven) if proven else None


@contextmanager
def session(name: str, reads: str, lags: Sequence[float], orders: int = 40) -> Iterator[Session]:
    """The system started, with a profile for each of these lags (milliseconds; 0: none)."""
    with prepared(name, reads) as system, tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        for variable, value in system.environment.items():
            patch.setenv(variable, value)
        contract = Path(place) / f"{name}.yaml"
        contract.write_text(system.contract)
        profiles = [Path(place) / f"{_named(ms)}.yaml" for ms in lags]
        for path, ms in zip(profiles, lags, strict=True):
            path.write_text(lag_profile(ms, orders))
        given = [str(path) for path in profiles]
        plan = make_plan(RunOptions(str(contract), profiles=given, seed=1, out=Path(place), allow_hooks=True))
        with Session(plan) as started:
            yield started


def played(session: Session, ms: float, seeds: Iterable[int]) -> Iterator[ProfileResult]:
    """The profile of this lag, with each seed."""
    plan = session.plan
    [profile] = [profile for profile in plan.profiles if profile.name == _named(ms)]
    for seed in seeds:
        session.plan = replace(plan, seed=seed, out=plan.out / f"{profile.name}-{seed}")
        yield session.run(profile)
    session.plan = plan


def measure(name: str, seeds: int, reads: str, lags: Sequence[float], orders: int) -> Iterator[str]:
    """Rows of a table: where queries are answered from, the lag on the link, and what was said how often."""
    with session(name, reads, lags, orders) as started:
        for ms in lags:
            results = []
            for result in played(started, ms, range(1, seeds + 1)):
                results.append(result)
                print(ms, len(results), result.verdict.result, *broken(result), file=sys.stderr)
            yield _row(reads, ms, results)


def broken(result: ProfileResult) -> list[str]:
    """The guarantees that are neither held nor left out."""
    fine = (Result.HELD, Result.NOT_APPLICABLE)
    return [f"{g.guarantee}: {g.result}" for g in result.verdict.guarantees if g.result not in fine]


def _row(reads: str, ms: float, results: list[ProfileResult]) -> str:
    visible = [result.verdict.of(_VISIBLE) for result in results]
    found = [verdict for verdict in visible if verdict.result is Result.VIOLATED]
    whole = Counter(str(result.verdict.result) for result in results)
    lags = [lag for result in results if (lag := lag_ms(result)) is not None]
    orders = [verdict.violations / verdict.orders for verdict in visible if verdict.orders]
    return " | ".join(
        (
            f"| {reads.lower()}",
            f"{ms:g} ms" if ms else "none",
            f"{statistics.median(lags):.1f} ms ({min(lags):.1f} to {max(lags):.1f})" if lags else "-",
            ", ".join(f"{verdict} {n} of {len(results)}" for verdict, n in whole.most_common()),
            f"{len(found)} of {len(results)}",
            f"{statistics.median(orders):.0%} |" if orders else "- |",
        )
    )


if __name__ == "__main__":
    system, seeds_wanted, answering, lags_wanted, *most = sys.argv[1:]
    milliseconds = [float(ms) for ms in lags_wanted.split(",")]
    for row in measure(system, int(seeds_wanted), answering, milliseconds, int(most[0]) if most else 40):
        print(row, flush=True)

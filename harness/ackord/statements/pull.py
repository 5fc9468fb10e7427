"""Pulls statements into a store: partitions in parallel, within the provider's limits, each landing all or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol
from urllib.parse import urlsplit

from ..chaos.toxiproxy.addresses import is_loopback
from ..client.pacing import Pace
from ..client.provider_client import ProviderClient
from ..client.transport_httpx import HttpxTransport
from ..contract.base.body_parsing import UnreadableBody
from ..contract.loading.loader import LoadedContract
from ..contract.spec.auth import client_certificate
from ..contract.spec.model import Contract
from ..contract.spec.statement import StatementSpec
from ..core.clock import SECOND, Clock
from ..core.history import RunHeader
from ..core.operation import Vantage
from ..errors import EnvironmentFailed, UsageError, unwritable
from ..masking import has_user_info, mask
from ..record.recorder import Recorder
from .fetching import StatementFetcher
from .landing import PartitionLander
from .outcomes import (
    LateStatement,
    MovingPages,
    PartitionOutcome,
    PartitionState,
    PullResult,
    UnreachableStatement,
)
from .partitions import AskedAccount, PullPartition, partitions_of, statement_of, whole_at_s
from .run_note import RunNote
from .store import StatementStore
from .transfer import Transfer, transfer_folder

__all__ = ["CivilClock", "PullOptions", "provider_address", "pull_statements"]

_READINGS = 5
"""How often a list is begun again whose lines move while it is read."""
_REMOTE_RATE_PER_S = 5
"""Requests a second to another machine where the contract says nothing."""
_GIVEN_UP = 3
"""After so many partitions without an answer, and none with one, the others are not tried."""
_ANSWER_BYTES = 1 << 20


class CivilClock(Clock, Protocol):
    """A clock that tells the civil time, too."""

    def unix_s(self) -> int: ...

    def wall_iso(self) -> str: ...


@dataclass(frozen=True)
class PullOptions:
    """What is pulled, and how."""

    days: Sequence[date]
    accounts: Sequence[AskedAccount]
    target: str = ""
    """The provider's address; empty: the contract's."""
    jobs: int = 4
    """How many partitions are fetched at the same time."""
    ca: str = ""
    """A PEM file of the only authorities to trust."""
    pause: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep)


def provider_address(loaded: LoadedContract, target: str) -> str:
    """Return the address that statements are asked for at. Raises ``UsageError`` for one that is none or not safe."""
    url = (target or loaded.contract.address or "").rstrip("/")
    if not url:
        raise UsageError("the contract names no address\n  mend: give the provider's with --target")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or has_user_info(url) or parts.query:
        raise UsageError(
            f"--target {parts.scheme}://{parts.hostname or ''}: this is no address of a provider\n"
            "  expected: a host and a port over HTTP, such as https://api.example.com, without user and password"
        )
    if parts.scheme == "http" and not (parts.hostname == "localhost" or is_loopback(parts.hostname)):
        raise UsageError(f"--target {url}: statements are asked for over https only, but on this machine")
    return url


async def pull_statements(
    loaded: LoadedContract,
    store: StatementStore,
    options: PullOptions,
    clock: CivilClock,
    report: Callable[[PartitionOutcome], None] = lambda outcome: None,
) -> PullResult:
    """Pull the partitions of ``options``; ``report`` is told of each that is done.

    Raises ``UsageError`` for a contract or an address that cannot be used, ``EnvironmentFailed`` where the disk fails.
    """
    statement = statement_of(loaded)
    contract = loaded.contract
    origin = _origin(loaded, statement, options.target)
    began_ns = clock.now_ns()
    transports = _transports(contract, statement, origin, options)
    pull = _Pull(
        statement, contract, store, options, clock, _fetcher(loaded, statement, origin, transports, options, clock)
    )
    try:
        outcomes = await pull.run(list(partitions_of(contract, options.accounts, options.days)), report)
    finally:
        for transport in transports.values():
            await transport.close()
    return PullResult(tuple(outcomes), (clock.now_ns() - began_ns) / SECOND)


def _origin(loaded: LoadedContract, statement: StatementSpec, target: str) -> str:
    host = statement.request.host
    return loaded.contract.hosts[host] if host else provider_address(loaded, target)


def _transports(
    contract: Contract, statement: StatementSpec, origin: str, options: PullOptions
) -> dict[str, HttpxTransport]:
    files = {found for account in contract.accounts.values() if (found := client_certificate(account.auth)) is not None}
    certificate = next(iter(files)) if len(files) == 1 else None
    return {
        url: HttpxTransport(
            url or origin, answer_bytes=_ANSWER_BYTES, ca=options.ca,
            certificate=certificate if not url or statement.download_hosts_signed else None,
        )
        for url in ("", *statement.download_hosts)
    }  # fmt: skip


def _fetcher(
    loaded: LoadedContract,
    statement: StatementSpec,
    origin: str,
    transports: Mapping[str, HttpxTransport],
    options: PullOptions,
    clock: CivilClock,
) -> StatementFetcher:
    contract, codec = loaded.contract, loaded.codec
    header = RunHeader(contract.provider, "statement", "provider", Vantage.PROVIDER, 0, codec.promises)
    client = ProviderClient(
        codec, transports[""], Recorder(header, codec.read), clock, contract.limits.timeout.ns, behind_gateway=False,
        unix_s=clock.unix_s,
    )  # fmt: skip
    host = urlsplit(origin).hostname or ""
    near = host == "localhost" or is_loopback(host)
    rate = contract.limits.rate_per_s or (None if near else _REMOTE_RATE_PER_S)
    pace = None if rate is None else Pace(rate, clock, pause=options.pause)
    return StatementFetcher(
        client, statement, origin, transports, pace, options.pause, max(contract.limits.timeout.ns, 10 * SECOND)
    )


class _Pull:
    """One pull."""

    def __init__(
        self,
        statement: StatementSpec,
        contract: Contract,
        store: StatementStore,
        options: PullOptions,
        clock: CivilClock,
        fetcher: StatementFetcher,
    ) -> None:
        self._statement, self._store, self._options, self._clock = statement, store, options, clock
        self._fetcher = fetcher
        self._lander = PartitionLander(statement, contract)
        # One thread reads and lands: the interpreter runs one at a time anyhow, and the store has one writer.
        self._thread = ThreadPoolExecutor(1, "landing")
        self._answered = False
        self._unanswered = 0
        asked = (options.target, *options.days, *(account.name for account in options.accounts))
        self._note = RunNote(store.transfer, asked, clock.unix_s())

    async def run(
        self, partitions: Sequence[PullPartition], report: Callable[[PartitionOutcome], None]
    ) -> list[PartitionOutcome]:
        waiting = iter(enumerate(partitions))
        outcomes: dict[int, PartitionOutcome] = {}

        async def work() -> None:
            for number, partition in waiting:
                outcome = outcomes[number] = self._before(partition) or await self._outcome(partition)
                if outcome.state in (PartitionState.LANDED, PartitionState.UNCHANGED):
                    self._note.add(partition.key)
                report(outcome)

        ended = False
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(max(1, self._options.jobs)):
                    group.create_task(work())
            ended = True
        except* (EnvironmentFailed, UsageError) as errors:
            raise errors.exceptions[0] from None
        finally:
            self._thread.shutdown(wait=True)
            self._note.close(ended=ended)
        return [outcomes[number] for number in sorted(outcomes)]

    def _before(self, partition: PullPartition) -> PartitionOutcome | None:
        """Return the outcome of a partition that this pull had done when it was killed."""
        if not self._note.has(partition.key) or self._store.catalogue.newest(partition.key) is None:
            return None
        return self._valid(partition, PartitionState.UNCHANGED, "")

    async def _outcome(self, partition: PullPartition) -> PartitionOutcome:
        key = partition.key
        if self._unanswered >= _GIVEN_UP and not self._answered:
            problem = f"not asked for: {self._unanswered} others had no answer"
            return PartitionOutcome(key, PartitionState.UNREACHABLE, problem=problem)
        folder = transfer_folder(self._store.transfer, partition)
        transfer = Transfer(self._fetcher, self._statement, partition, folder, self._lander.end_of)
        try:
            outcome = await self._land(partition, transfer)
            self._answered = True
            return outcome
        except OSError as error:
            raise unwritable(folder, "the statement", error, mend="give another --store") from None
        except UnreachableStatement as why:
            self._unanswered += 1
            return PartitionOutcome(key, PartitionState.UNREACHABLE, problem=mask(str(why)))
        except (LateStatement, MovingPages) as why:
            self._answered = True
            transfer.forget()
            return self._valid(partition, PartitionState.LATE, str(why))
        except UnreadableBody as why:
            self._answered = True
            transfer.forget()
            return self._valid(partition, PartitionState.REFUSED, mask(str(why)))

    async def _land(self, partition: PullPartition, transfer: Transfer) -> PartitionOutcome:
        whole_s = whole_at_s(self._statement, partition.key.day)
        early = self._clock.unix_s() < whole_s
        for reading in range(1, _READINGS + 1):
            try:
                pages = await transfer.pages()
                landing = await asyncio.get_running_loop().run_in_executor(
                    self._thread, self._lander.land, self._store, partition, pages, self._clock.wall_iso()
                )
            except MovingPages:
                transfer.forget()
                if reading == _READINGS:
                    raise
                continue
            transfer.forget()
            version = landing.version
            state = PartitionState.LANDED if landing.changed else PartitionState.UNCHANGED
            added, removed = (version.added, version.removed) if landing.changed else (0, 0)
            problem = ""
            if early:
                state = PartitionState.GROWING
                when = self._statement.available_after or "after its day"
                problem = f"its statement is whole only {when}: lines may be missing"
            return PartitionOutcome(partition.key, state, version.rows, version.version, added, removed, problem)
        raise AssertionError("the last reading returns or raises")

    def _valid(self, partition: PullPartition, state: PartitionState, problem: str) -> PartitionOutcome:
        """Return an outcome that changed nothing: what landed before stays valid."""
        before = self._store.catalogue.newest(partition.key)
        rows, version = (0, 0) if before is None else (before.rows, before.version)
        return PartitionOutcome(partition.key, state, rows, version, problem=problem)

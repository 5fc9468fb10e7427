"""Reads a ledger from a command that a contract declares: without a shell, and bounded in time and output."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..contract.base.body_parsing import shortened
from ..contract.codec.codec import LedgerRow, Payment
from ..contract.spec.ledger_tables import CommandLedgerSpec
from ..core.clock import SECOND
from ..masking import mask
from .movement_source import TableSource, seconds
from .transport import NoResponse

__all__ = ["MOST_BYTES", "CommandLedger"]

MOST_BYTES = 1 << 24
"""What a command may print."""
_CHUNK = 1 << 16
_MOST_SAID = 200
"""Characters that are shown of the last line of an error."""


@dataclass
class CommandLedger(TableSource):
    """What a command prints. It runs in ``folder``, in a session of its own, so that all it starts ends with it."""

    folder: Path

    async def _rows(
        self, payment: Payment | None, provider_id: str | None, numbers: Mapping[str, str]
    ) -> Sequence[LedgerRow]:
        assert isinstance(self.table.ledger, CommandLedgerSpec)  # that is who makes one
        timeout_ns = self.table.ledger.timeout.ns
        name = self.table.ledger.command[0]
        try:
            arguments = self.table.arguments(payment, provider_id)
            async with asyncio.timeout(timeout_ns / SECOND):
                output = await self._run(arguments)
        except TimeoutError:
            why = f"took longer than {seconds(timeout_ns)} (ledger.timeout)"
        except OSError as error:
            why = f"cannot be started: {error.strerror}"
        except ValueError as error:
            why = str(error)
        else:
            return self.table.read_output(output, numbers)
        raise NoResponse(f"the ledger cannot be read: the command {name} {why}")

    async def _run(self, arguments: Sequence[str]) -> bytes:
        """Return what the command prints. Raises ``OSError`` if it cannot be started, ``ValueError`` if it fails."""
        process = await asyncio.create_subprocess_exec(
            *arguments,
            cwd=self.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdout is not None and process.stderr is not None
        said = asyncio.create_task(_tail(process.stderr))
        try:
            output = await _bounded(process.stdout)
            errors = await said
            code = await process.wait()
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            said.cancel()
            await process.wait()
        if code:
            lines = mask(errors.decode(errors="replace")).strip().splitlines()
            more = f": {shortened(lines[-1].strip(), _MOST_SAID)}" if lines else ""
            raise ValueError(f"{_ending(code)}{more}")
        return output

    async def close(self) -> None:
        pass


async def _bounded(stream: asyncio.StreamReader) -> bytes:
    """Read to the end. Raises ``ValueError`` for more than ``MOST_BYTES``."""
    found = bytearray()
    while chunk := await stream.read(_CHUNK):
        found += chunk
        if len(found) > MOST_BYTES:
            raise ValueError(f"printed more than {MOST_BYTES >> 20} MiB; narrow it to the run's movements")
    return bytes(found)


async def _tail(stream: asyncio.StreamReader) -> bytes:
    """Read to the end, and return the end."""
    kept = b""
    while chunk := await stream.read(_CHUNK):
        kept = (kept + chunk)[-_CHUNK:]
    return kept


def _ending(code: int) -> str:
    return f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}"

"""Carry out the actions of a contract: an HTTP call, SQL or a command. Every action is bounded in time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import asyncpg
import httpx

from ..contract.spec.hooks import Action, Hook, HttpAction, SqlAction
from ..errors import EnvironmentFailed
from ..masking import mask, without_user_info

__all__ = ["first_line", "is_in_effect", "perform_action", "undo_hook"]

_SHOWN = 200
_MOST_OUTPUT_BYTES = 1 << 16


async def perform_action(
    what: str, action: Action, *, timeout_s: float, folder: Path, variables: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Perform an action and return the evidence: ``status``, ``exit_code`` or ``results``.

    ``what`` names it in an error ("the hook lag"). Commands run in ``folder``, with ``variables`` in their environment
    besides this process's own. Raises ``EnvironmentFailed``.
    """
    try:
        async with asyncio.timeout(timeout_s):
            if action.http is not None:
                return await _call(action.http)
            if action.sql is not None:
                return await _query(action.sql)
            assert action.command is not None
            await _run(action.command, folder, variables or {})
            return {"exit_code": 0}
    except TimeoutError:
        why = f"it took longer than {timeout_s:g} s"
    except (httpx.InvalidURL, ValueError):  # their texts show parts of the address, and of the password in it
        why = "its address cannot be read: what stands in it, such as a password with /, must be percent-encoded"
    except (httpx.HTTPError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        why = mask(str(error), also=_secrets(action)) or type(error).__name__
    raise EnvironmentFailed(f"{what} failed: {why}.\n  mend: check it in the contract; try it by hand")


async def first_line(command: list[str], *, timeout_s: float, folder: Path, variables: Mapping[str, str]) -> str:
    """Run a command and return the first line that it prints; empty for none. Raises ``OSError``, ``TimeoutError``."""
    async with asyncio.timeout(timeout_s):
        output = await _run(command, folder, variables)
    return output.partition("\n")[0].strip()


async def is_in_effect(name: str, measure: Action, *, timeout_s: float, folder: Path) -> bool:
    """Return what a hook's ``measure`` says. One that cannot be carried out says that nothing is in effect."""
    if measure.sql is None:
        try:
            await perform_action(f"the hook {name}", measure, timeout_s=timeout_s, folder=folder)
        except EnvironmentFailed:
            return False
        return True
    with contextlib.suppress(TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError):
        async with asyncio.timeout(timeout_s):
            return bool(await _first_value(measure.sql))
    return False


def undo_hook(name: str, hook: dict[str, Any], folder: str) -> None:
    """Undo a hook for a run that could not do so itself; ``hook`` is the contract's, as plain data.

    Raises ``EnvironmentFailed``.
    """
    model = Hook.model_validate(hook)
    asyncio.run(perform_action(f"the hook {name}", model.undo, timeout_s=model.timeout.ns / 1e9, folder=Path(folder)))


def _secrets(action: Action) -> list[str]:
    """Return what an action is sent with; a run that cleans up after another one knows secrets by nothing else."""
    if action.http is not None:
        return _http_secrets(action.http)
    if action.sql is not None:
        return [password for password in (urlsplit(action.sql.dsn).password,) if password]
    return []


def _http_secrets(action: HttpAction) -> list[str]:
    url = urlsplit(action.url)
    words = [word for value in action.headers.values() for word in (value, value.rpartition(" ")[2])]
    return [text for text in (url.password, url.query, *(value for _, value in parse_qsl(url.query)), *words) if text]


def _address(url: str) -> str:
    """Return an address without user, password and query."""
    return urlsplit(without_user_info(url))._replace(query="", fragment="").geturl()


async def _call(action: HttpAction) -> dict[str, Any]:
    async with httpx.AsyncClient(trust_env=False, timeout=None) as client:
        answer = await client.request(action.method, action.url, headers=action.headers, content=action.body)
    if not answer.is_success:
        said = mask(answer.text, also=_http_secrets(action))[:_SHOWN]
        raise OSError(f"{action.method} {_address(action.url)} answered {answer.status_code} {said!r}")
    return {"status": answer.status_code}


async def _query(action: SqlAction) -> dict[str, Any]:
    connection = await asyncpg.connect(action.dsn)
    try:
        return {"results": [await connection.execute(statement) for statement in action.statements]}
    finally:
        # Cancelled by the time-out, a polite goodbye would wait for the statement that takes too long.
        connection.terminate()


async def _first_value(action: SqlAction) -> Any:
    """Return the first value of the last statement's result."""
    connection = await asyncpg.connect(action.dsn)
    try:
        values = [await connection.fetchval(statement) for statement in action.statements]
        return values[-1]
    finally:
        connection.terminate()


async def _run(command: list[str], folder: Path, variables: Mapping[str, str]) -> str:
    """Run a command and return what it printed.

    Its output goes into a file: what it leaves running in the background would hold a pipe open. Raises ``OSError``.
    """
    with tempfile.TemporaryFile() as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **variables},
        )
        try:
            await process.wait()
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        output.seek(0, os.SEEK_END)
        output.seek(max(0, output.tell() - _MOST_OUTPUT_BYTES))
        printed = output.read().decode(errors="replace")
    if process.returncode:
        said = mask(printed.strip())[-_SHOWN:]
        raise OSError(f"{command[0]} ended with exit code {process.returncode}{f': {said}' if said else ''}")
    return printed

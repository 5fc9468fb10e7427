"""Keeps one Toxiproxy server as a child process, and ends with its own parent, however that dies, ending the server
too.

Run as ``python -m ackord.chaos.toxiproxy.server_process``; controlled through its pipe (``host.child_process``).
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path
from typing import Any

from ...errors import EnvironmentFailed
from ...host.child_process import serve
from ...host.free_port import free_port

_START_LIMIT_S = 15.0
_END_LIMIT_S = 5.0
_TRIES = 3
_LISTENING = "0A"
"""The state in ``/proc/net/tcp`` (proc(5))."""


class _PortTaken(Exception):
    """Another process listens on the port. Toxiproxy then only logs it and goes on without its interface."""


class ToxiproxyProcess:
    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, program: str, host: str) -> dict[str, Any]:
        """Start the server on a free port of ``host`` and wait until it listens."""
        for _ in range(_TRIES):
            port = free_port(host)
            try:
                # Its output goes to this process's log, to which ``serve`` has redirected standard output.
                self._process = await asyncio.create_subprocess_exec(
                    program, "-host", host, "-port", str(port), stdin=asyncio.subprocess.DEVNULL
                )
            except OSError as error:
                raise EnvironmentFailed(f"{program} cannot be started: {error.strerror or error}") from error
            try:
                async with asyncio.timeout(_START_LIMIT_S):
                    await self._listening(program, host, port)
                return {"pid": self._process.pid, "port": port}
            except TimeoutError:
                raise EnvironmentFailed(
                    f"{program} did not listen on {host}:{port} within {_START_LIMIT_S:g} s"
                ) from None
            except _PortTaken:
                await self.stop()
        raise EnvironmentFailed(f"{program}: others took {_TRIES} free ports before it could")

    async def stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_END_LIMIT_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _listening(self, program: str, host: str, port: int) -> None:
        assert self._process is not None
        while True:
            if self._process.returncode is not None:
                raise EnvironmentFailed(f"{program} ended at once with exit code {self._process.returncode}")
            if await _answers(host, port):
                if not _is_of_another(port, self._process.pid):
                    return
                raise _PortTaken
            await asyncio.sleep(0.02)


async def _answers(host: str, port: int) -> bool:
    with contextlib.suppress(OSError):
        _, writer = await asyncio.open_connection(host, port)
        writer.close()
        return True
    return False


def _is_of_another(port: int, pid: int) -> bool:
    """Return whether the socket that listens on ``port`` belongs to another process than ``pid``; False if that cannot
    be determined.
    """
    try:
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        inodes = {row[9] for row in rows if row[3] == _LISTENING and int(row[1].rpartition(":")[2], 16) == port}
        held = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    except OSError:
        return False
    return bool(inodes) and not any(f"socket:[{inode}]" in held for inode in inodes)


async def _main() -> None:
    server = ToxiproxyProcess()
    try:
        await serve({"start": server.start})
    finally:
        await server.stop()


if __name__ == "__main__":
    asyncio.run(_main())

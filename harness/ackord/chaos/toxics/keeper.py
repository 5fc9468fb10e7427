"""Keeps one Toxiproxy server as a child process. It ends when its own parent does, however that one dies, and takes the server with it.

Run as ``python -m ackord.chaos.toxics.keeper``; told what to do through its pipe (``host.child``).
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import Any

from ...errors import EnvironmentFailed
from ...host.child import serve

_START_LIMIT_S = 15.0
_END_LIMIT_S = 5.0


class Keeper:
    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, program: str, host: str, port: int) -> dict[str, Any]:
        """Start the server and wait until it listens on ``host:port``."""
        try:
            # What it prints goes to this process's log: ``serve`` pointed standard output there.
            self._process = await asyncio.create_subprocess_exec(
                program, "-host", host, "-port", str(port), stdin=asyncio.subprocess.DEVNULL
            )
        except OSError as error:
            raise EnvironmentFailed(f"{program} cannot be started: {error.strerror or error}") from error
        try:
            async with asyncio.timeout(_START_LIMIT_S):
                while not await self._listens(host, port):
                    if self._process.returncode is not None:
                        raise EnvironmentFailed(f"{program} ended at once with exit code {self._process.returncode}")
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise EnvironmentFailed(f"{program} did not listen on {host}:{port} within {_START_LIMIT_S:g} s") from None
        return {"pid": self._process.pid}

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

    async def _listens(self, host: str, port: int) -> bool:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            return True
        return False


async def _main() -> None:
    keeper = Keeper()
    try:
        await serve({"start": keeper.start})
    finally:
        await keeper.stop()


if __name__ == "__main__":
    asyncio.run(_main())

"""``python -m ackord.providers.reference``: told what to do over standard input, see ``ackord.host.child_process``."""

from __future__ import annotations

import asyncio


def main() -> None:
    from .forkserver import start_forkserver

    nursery = start_forkserver()  # before anything that could run a thread or a loop

    from ...host.child_process import serve
    from .supervisor import ProviderSupervisor

    supervisor: ProviderSupervisor | None = None

    async def run() -> None:
        nonlocal supervisor
        supervisor = ProviderSupervisor(nursery)
        await serve(supervisor.handlers())
        await supervisor.stop()

    try:
        asyncio.run(run())
    finally:
        if supervisor is not None:
            supervisor.end()


if __name__ == "__main__":
    main()

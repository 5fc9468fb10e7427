"""``python -m ackord.providers.containers``: told what to do over standard input, see ``ackord.host.child_process``."""

from __future__ import annotations

import asyncio

from ...host.child_process import serve
from .container_supervisor import ContainerSupervisor


def main() -> None:
    conductor = ContainerSupervisor()

    async def run() -> None:
        await serve(conductor.handlers())
        await conductor.stop()

    try:
        asyncio.run(run())
    finally:
        # Whatever a thread had still begun when the loop ended.
        conductor.end()


if __name__ == "__main__":
    main()

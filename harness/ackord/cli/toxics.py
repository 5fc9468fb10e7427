"""Defines ``ackord toxics``, which serves the embedded link engine with Toxiproxy's interface."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .interrupt import interruptible

__all__ = ["register"]

group = typer.Typer(help="TCP faults with Toxiproxy's interface, without its server.", no_args_is_help=True)


@group.command("serve")
def serve(
    host: Annotated[str, typer.Option(help="Where its interface listens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Its port; 0: any that is free.", min=0, max=65535)] = 8474,
    seed: Annotated[int, typer.Option(help="The seed of everything that toxics draw.", min=0)] = 1,
    config: Annotated[Path | None, typer.Option(help="A JSON file of proxies to begin with.")] = None,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Let it and its proxies listen where other machines can reach them.")
    ] = False,
    proxy_metrics: Annotated[
        bool, typer.Option("--proxy-metrics", help="Serve /metrics: the bytes of each proxy, for Prometheus.")
    ] = False,
) -> None:
    """Serve Toxiproxy's interface, on its usual port, until Ctrl-C (exit code 130) or SIGTERM (0); any of its clients
    can drive it. What no answer can say goes to standard error: an upstream that cannot be reached, a field that
    nobody knows.
    """
    from ..chaos.toxiproxy.api import VERSION
    from ..chaos.toxiproxy.server import ToxicsServerSettings, run_server
    from ..chaos.toxiproxy.server_log import ServerLog

    def announce(address: str, proxies: list[str]) -> None:
        lines = [f"Toxiproxy's interface ({VERSION}): {address}", *(f"  {line}" for line in proxies)]
        print("\n".join([*lines, f"seed {seed}. Ctrl-C ends it."]), flush=True)

    log = ServerLog(sys.stderr.fileno()) if sys.stderr is not None else lambda line: None
    with interruptible("every proxy is closed"):
        run_server(ToxicsServerSettings(host, port, seed, config, allow_remote, proxy_metrics), announce, log)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="toxics")

"""Defines the command line, one file per group of commands. Each imports its heavy parts when it runs, so that
``--help`` stays fast.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from .. import __version__
from ..errors import AckordError, EnvironmentFailed
from . import (
    audit,
    campaign,
    certify,
    comment,
    contract,
    doctor,
    drill,
    emulate,
    flaw,
    gate,
    gateway,
    init,
    keys,
    policy,
    profile,
    reconcile,
    replay,
    report,
    serve,
    sign,
    simulate,
    statement,
    toxics,
    verify,
)
from .exit_codes import EXIT_CODES
from .standard_output import checked_standard_output, open_closed_streams

__all__ = ["app", "main"]

app = typer.Typer(
    name="ackord",
    help="Contract testing and chaos for third-party payment APIs: an acknowledged order is never NOT_FOUND, "
    "never FAILED, and moves money once.",
    no_args_is_help=True,
    epilog=EXIT_CODES,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"ackord {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    pass


for _module in (
    certify,
    campaign,
    init,
    drill,
    audit,
    statement,
    reconcile,
    replay,
    report,
    comment,
    gate,
    simulate,
    gateway,
    serve,
    emulate,
    flaw,
    profile,
    policy,
    contract,
    toxics,
    keys,
    sign,
    verify,
    doctor,
):
    _module.register(app)


def _ended(number: int, frame: FrameType | None) -> None:
    """Handle SIGTERM as Ctrl-C: end the run in order, with every fault healed.

    The signal is passed on instead of raising an exception, because an event loop handles SIGINT and would swallow the
    exception.
    """
    signal.raise_signal(signal.SIGINT)


def main() -> None:
    """Run the command line. Exit codes: 0 held · 1 violated or unsafe · 2 usage · 3 inconclusive · 4 the environment
    failed · 130 interrupted.
    """
    open_closed_streams()
    # A shell starts background jobs with SIGINT ignored; they must also end in order.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _ended)
    try:
        with checked_standard_output():
            app(prog_name="ackord")
    except AckordError as error:
        print(f"ackord: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:
        # What a user can cause has an error of its own; what is left is the machine's: a full disk, no descriptors.
        print(f"ackord: {error.strerror or error}{f': {error.filename}' if error.filename else ''}", file=sys.stderr)
        sys.exit(EnvironmentFailed.exit_code)

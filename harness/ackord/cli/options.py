"""Add options to a command: those of a run, as ``RunOptions`` defines them, and those of what is printed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Annotated, Any, get_type_hints

import typer

from ..run.options.run_options import RunOptions

__all__ = ["AsJson", "Quiet", "Verbose", "with_run_options"]

_OUTPUT = "What is printed"
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        help="Print one line for whatever is broken, and the last line; no progress.",
        rich_help_panel=_OUTPUT,
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        help="Explain every broken guarantee in full, and list the files written.",
        rich_help_panel=_OUTPUT,
    ),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Print result.json to standard output, and all the rest to standard error.",
        rich_help_panel=_OUTPUT,
    ),
]


def with_run_options(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options ``names``; it gets them as its argument ``options``, a ``RunOptions``.

    Raises ``LookupError`` for an unknown name.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        given = inspect.signature(command, eval_str=True).parameters
        added = [_parameter(name) for name in names]
        signature = inspect.Signature([p for name, p in given.items() if name != "options"] + added)

        def run(**arguments: Any) -> None:
            chosen = {name: arguments.pop(name) for name in names}
            known = {name: value for name, value in chosen.items() if value is not None}
            command(**arguments, options=RunOptions(**known))

        run.__name__, run.__doc__, run.__module__ = command.__name__, command.__doc__, command.__module__
        run.__signature__ = signature  # type: ignore[attr-defined]
        run.__annotations__ = {name: p.annotation for name, p in signature.parameters.items()}
        return run

    return decorate


_PANELS = {
    "How much is played": ("budget", "time_limit", "seed", "repeats", "fail_fast", "shard"),
    "What the provider is reached by": (
        *("ca", "remote", "allow_hosts", "production", "allow_hooks", "toxiproxy", "postgres_bin"),
        *("port", "tls", "proxy_host", "callback_port"),
    ),
}
"""Options of a run by the panels in which a long help shows them; the others come first, without a panel's name."""
_PANEL_OF = {name: panel for panel, names in _PANELS.items() for name in names}
_FIELDS = {option.name: option for option in fields(RunOptions)}


def _parameter(name: str) -> inspect.Parameter:
    option, kind = _FIELDS[name], get_type_hints(RunOptions)[name]
    default = option.default
    if kind == Sequence[str]:
        kind, default = list[str] | None, None
    settings = typer.Option(
        RunOptions.flag_of(option),
        help=option.metadata["help"],
        rich_help_panel=_PANEL_OF.get(name),
        **option.metadata["settings"],
    )
    return inspect.Parameter(
        name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=Annotated[kind, settings]
    )

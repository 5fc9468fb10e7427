"""Add options to a command: those of a run, as ``RunOptions`` defines them, and those of what is printed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Annotated, Any, get_type_hints

import typer

from ..run.options.run_options import RunOptions

__all__ = ["AsJson", "Quiet", "Verbose", "with_run_options"]

Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print one line for whatever is broken, and the last line; no progress.")
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Explain every broken guarantee in full, and list the files written.")
]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Print result.json to standard output, and all the rest to standard error."),
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


_FIELDS = {option.name: option for option in fields(RunOptions)}


def _parameter(name: str) -> inspect.Parameter:
    option, kind = _FIELDS[name], get_type_hints(RunOptions)[name]
    default = option.default
    if kind == Sequence[str]:
        kind, default = list[str] | None, None
    settings = typer.Option(RunOptions.flag_of(option), help=option.metadata["help"], **option.metadata["settings"])
    return inspect.Parameter(
        name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=Annotated[kind, settings]
    )

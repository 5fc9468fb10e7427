"""Defines ``ackord init``: the first files of a project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..project.scaffold import CiSystem

__all__ = ["register"]


def init(
    folder: Annotated[Path, typer.Argument(help="The project's folder.")] = Path(),
    ci: Annotated[
        CiSystem | None,
        typer.Option(help="The workflow to write. Default: the system whose files are there, or else github."),
    ] = None,
    contracts: Annotated[
        list[str] | None,
        typer.Option(
            "--contract",
            help="A contract by name, or by its path from the folder; may be repeated. Default: those that are found.",
        ),
    ] = None,
    target: Annotated[str, typer.Option(help="Where the provider runs, such as http://127.0.0.1:8080.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")] = False,
) -> None:
    """Write ackord.toml with the contracts of a folder, and a workflow that judges them; then `ackord certify` needs no
    options. Files that are there are left alone (exit code 2).
    """
    from ..contract.loading.loader import locate
    from ..errors import FileError, UsageError
    from ..project.detection import found_contracts, why_not_loaded
    from ..project.scaffold import ci_system_of, new_files, write_new

    if not folder.is_dir():
        raise FileError(folder, None, "there is no such folder", mend="make it, or name another")
    chosen = list(contracts or map(str, found_contracts(folder)))
    if not chosen:
        raise UsageError(
            f"no contract was found below {folder.resolve()}, and nothing was written.\n"
            "  expected: a YAML file with provider, submit and query\n"
            "  mend: draft one with ackord contract new, or name one that comes with Ackord, such as "
            "--contract reference"
        )
    notes = []
    for name in chosen:
        path = folder / name if name.endswith((".yaml", ".yml")) else locate("contract", "contracts", name)
        if not path.is_file():
            raise FileError(path, None, "there is no such file", mend="give its path from the project's folder")
        if problem := why_not_loaded(path):
            notes.append(f"note: {problem}")
    made = new_files(folder, chosen, target=target, system=ci or ci_system_of(folder))
    write_new(made, force=force)
    for file in made:
        print(f"written   {file.path}")
    print(f"contracts {', '.join(chosen)}")
    for line in (*notes, *(f"then      {file.then}" for file in made if file.then)):
        print(line)
    print("next      ackord certify --show-config, then ackord certify")


def register(app: typer.Typer) -> None:
    app.command()(init)

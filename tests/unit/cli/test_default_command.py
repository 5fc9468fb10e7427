"""A group is called without the name of its main command."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from ackord.cli.default_command import group_with_default

app = typer.Typer()
group = typer.Typer(cls=group_with_default("show"), no_args_is_help=True)


@group.command("show")
def show(folder: str, form: str = "text") -> None:
    print(f"show {folder} {form}")


@group.command("merge")
def merge(folders: list[str]) -> None:
    print(f"merge {' '.join(folders)}")


app.add_typer(group, name="report")
app.command("other")(lambda: None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["out"], "show out text"),
        (["show", "out"], "show out text"),
        (["--form", "json", "out"], "show out json"),
        (["merge", "a", "b"], "merge a b"),
        (["./merge"], "show ./merge text"),
    ],
)
def test_what_names_no_command_goes_to_the_main_one(words: list[str], said: str) -> None:
    done = CliRunner().invoke(app, ["report", *words])
    assert (done.exit_code, done.output) == (0, f"{said}\n")


@pytest.mark.parametrize("words", [["--help"], []])
def test_the_help_lists_all_commands(words: list[str]) -> None:
    done = CliRunner().invoke(app, ["report", *words])
    assert "merge" in done.output and "show" in done.output

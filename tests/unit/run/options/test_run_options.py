"""``RunOptions`` is what the command line, the plug-in and the repeat command are made from."""

from __future__ import annotations

import shlex
from dataclasses import fields

import pytest
import typer
from typer.testing import CliRunner

from ackord.cli.options import with_run_options
from ackord.run.options.run_options import RunOptions

REPEATED = {option.name for option in fields(RunOptions) if option.metadata.get("repeat")}


def parsed(command: str) -> tuple[str, RunOptions]:
    """What the options of a command line are read as."""
    seen: list[tuple[str, RunOptions]] = []
    app = typer.Typer()

    @app.command()
    @with_run_options(*REPEATED)
    def certify(contract: str, *, options: RunOptions) -> None:
        seen.append((contract, options))

    result = CliRunner().invoke(app, shlex.split(command)[2:], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return seen[0]


def test_the_command_of_the_defaults_shows_the_budget_only() -> None:
    assert RunOptions().command() == "ackord certify reference --budget quick"


def test_every_repeated_option_comes_back_from_its_own_command() -> None:
    changed = {
        option.name: {"bool": not option.default, "int": 7, "int | None": 7, "Sequence[str]": ["a", "b c"]}.get(
            str(option.type), "x y"
        )
        for option in fields(RunOptions)
        if option.name in REPEATED
    }
    options = RunOptions("c.yaml", **changed)  # type: ignore[arg-type]
    contract, read = parsed(options.command())
    assert contract == "c.yaml"
    assert {name: getattr(read, name) for name in REPEATED} == changed


def test_the_words_of_the_command_are_in_their_known_order() -> None:
    options = RunOptions("c", target="http://x", profiles=("p", "q"), flaw="f", seed=3, inject=False, ca="a.pem")
    expected = "--target http://x --flaw f --profile p --profile q --budget quick --seed 3 --no-inject --ca a.pem"
    assert options.command() == f"ackord certify c {expected}"


def test_a_drill_is_repeated_by_its_own_command_which_has_no_budget() -> None:
    options = RunOptions("c", profiles=("p",), seed=3, budget="deep")
    assert options.command(verb="drill") == "ackord drill c --profile p --seed 3"


def test_a_command_cannot_take_an_option_that_does_not_exist() -> None:
    with pytest.raises(LookupError, match="spleen"):

        @with_run_options("spleen")
        def command(*, options: RunOptions) -> None: ...


def test_a_command_for_pytest_has_the_plug_in_s_flags_and_no_others() -> None:
    options = RunOptions("c.yaml", target="http://x", profiles=("p", "q"), seed=3, inject=False, port=7)
    expected = "--chaos-target http://x --chaos-profile p --chaos-profile q --chaos-budget quick --chaos-seed 3"
    assert options.command(("pytest", "test_x.py")) == f"pytest test_x.py --contract c.yaml {expected}"

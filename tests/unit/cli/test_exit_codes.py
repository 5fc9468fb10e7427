from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from ackord.cli import app
from ackord.cli.exit_codes import EXIT_CODES

COMMAND: Any = typer.main.get_command(app)
README = Path(__file__).parents[3] / "README.md"


def test_the_help_says_what_the_readme_says() -> None:
    if not README.is_file():
        pytest.skip("the documents are in a checkout only")
    codes = re.findall(r"^\| (\d+) \| ", README.read_text(), re.MULTILINE)
    assert codes == re.findall(r"\b(\d+) [a-z]", EXIT_CODES)


@pytest.mark.parametrize("name", ["", "certify", "drill", "audit"])
def test_the_help_of_what_judges_has_the_exit_codes(name: str) -> None:
    command = COMMAND.commands[name] if name else COMMAND
    assert command.epilog == EXIT_CODES

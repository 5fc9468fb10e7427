"""Which arguments lead to a contract. That no item is lost is tested in sessions (tests/live)."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ackord.pytest_plugin.collection import choose_arguments, header, named_contracts


def config(folder: Path, args: list[str], *, option: str | None, source: Any, ini: str = "") -> Any:
    return SimpleNamespace(
        option=SimpleNamespace(ackord_contract=option, ackord_seed=3),
        getini=lambda name: ini if name == "ackord_contract" else None,
        inipath=None, args=args, args_source=source, invocation_params=SimpleNamespace(dir=folder),
        stash=pytest.Stash(),
    )  # fmt: skip


ARGS, TESTPATHS, HERE = (pytest.Config.ArgsSource[name] for name in ("ARGS", "TESTPATHS", "INVOCATION_DIR"))


@pytest.mark.parametrize(
    ("args", "option", "source", "left"),
    [
        ([], True, HERE, ["FILE"]),
        (["tests"], True, TESTPATHS, ["FILE"]),
        (["."], True, ARGS, ["."]),
        (["other"], True, ARGS, ["other", "FILE"]),
        ([".", "tests/mine.yaml"], True, ARGS, ["."]),
        (["tests/mine.yaml::p::g"], True, ARGS, ["tests/mine.yaml::p::g"]),
        (["."], False, HERE, ["."]),
        (["other"], False, TESTPATHS, ["other", "FILE"]),
    ],
)
def test_a_contract_is_an_argument_only_where_no_folder_leads_to_it(
    tmp_path: Path, args: list[str], option: bool, source: Any, left: list[str]
) -> None:
    for folder in ("tests", "other"):
        (tmp_path / folder).mkdir()
    file = tmp_path / "tests" / "mine.yaml"
    file.write_text("")
    given = config(tmp_path, list(args), option=str(file) if option else None, source=source, ini=str(file))
    choose_arguments(given, file)
    assert named_contracts(given) == {file}
    assert given.args == [str(file) if argument == "FILE" else argument for argument in left]


def test_the_header_says_when_other_tests_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("")
    alone = config(tmp_path, [], option=str(file), source=HERE)
    choose_arguments(alone, file)
    assert "name paths to run tests too" in str(header(alone))
    beside = config(tmp_path, ["."], option=str(file), source=ARGS)
    choose_arguments(beside, file)
    assert header(beside) == f"ackord: contract {file}, seed 3"

"""What ``@pytest.mark.ackord(...)`` may say."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ackord.errors import UnknownNameError, UsageError
from ackord.pytest_plugin.marks import check_mark, parametrize, surroundings_of


def config(tmp_path: Path, **options: Any) -> Any:
    given = {"ackord_contract": None, "ackord_profiles": None, "ackord_target": None, "ackord_seed": 3, **options}
    return SimpleNamespace(
        option=SimpleNamespace(**given),
        getini=lambda name: None,
        inipath=None,
        rootpath=tmp_path,
        stash={},
        invocation_params=SimpleNamespace(dir=tmp_path / "tests"),
    )


def node(tmp_path: Path, *marks: pytest.MarkDecorator, **options: Any) -> Any:
    found = [mark.mark for mark in marks]
    return SimpleNamespace(
        iter_markers=lambda name: iter(found), path=tmp_path / "tests" / "test_x.py", nodeid="tests/test_x.py::test_x",
        config=config(tmp_path, **options),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("mark", "error", "says"),
    [
        (pytest.mark.ackord("reference"), UsageError, "a value without a name"),
        (pytest.mark.ackord(profiles=["none"]), UnknownNameError, 'Did you mean "profile"'),
        (pytest.mark.ackord(seed="7"), UsageError, "a whole number from 0"),
        (pytest.mark.ackord(seed=True), UsageError, "a whole number from 0"),
        (pytest.mark.ackord(contract=7), UsageError, "no name and no path"),
        (pytest.mark.ackord(profile=[]), UsageError, "no profile"),
        (pytest.mark.ackord(faults=[7]), UsageError, "no faults"),
    ],
)
def test_a_mark_that_says_something_else_is_refused(
    tmp_path: Path, mark: pytest.MarkDecorator, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        check_mark(node(tmp_path, mark))


def test_the_closest_mark_counts_word_by_word(tmp_path: Path) -> None:
    found = surroundings_of(
        node(
            tmp_path,
            pytest.mark.ackord(profile="latency", faults=["lost-answer"]),
            pytest.mark.ackord(contract="reference", profile="none", seed=9),
        ),
        None,
    )
    assert Path(found.contract).name == "reference.yaml"
    assert (found.profile, found.seed, found.faults) == ("latency", 9, ("lost-answer",))


def test_a_file_is_looked_for_beside_the_test_and_then_below_the_root(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "mine.yaml").write_text("root")
    here = node(tmp_path, pytest.mark.ackord(contract="mine.yaml"))
    assert surroundings_of(here, None).contract == str(tmp_path / "mine.yaml")
    (tmp_path / "tests" / "mine.yaml").write_text("beside")
    assert surroundings_of(here, None).contract == str(tmp_path / "tests" / "mine.yaml")


def test_without_a_contract_the_option_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--contract NAME_OR_FILE, ackord_contract in the ini file"):
        surroundings_of(node(tmp_path), None)


def test_several_profiles_are_never_the_first_alone(tmp_path: Path) -> None:
    several = node(tmp_path, ackord_contract="reference", ackord_profiles=["none", "latency"])
    with pytest.raises(UsageError, match="none, latency are named"):
        surroundings_of(several, None)
    assert surroundings_of(several, "latency").profile == "latency"
    played: list[Any] = []
    metafunc: Any = SimpleNamespace(
        fixturenames=["merchant", "ackord_profile"],
        definition=several,
        parametrize=lambda name, profiles, **how: played.append((name, profiles)),
    )
    parametrize(metafunc)
    assert played == [("ackord_profile", ["none", "latency"])]
    parametrize(SimpleNamespace(fixturenames=["tmp_path"], definition=several))  # type: ignore[arg-type]


def test_an_address_belongs_to_the_session_s_contract(tmp_path: Path) -> None:
    other = node(
        tmp_path,
        pytest.mark.ackord(contract="stripe-payouts"),
        ackord_contract="reference",
        ackord_target="http://127.0.0.1:1",
    )
    with pytest.raises(UsageError, match="is where the provider of"):
        surroundings_of(other, None)


def test_a_test_is_asked_for_from_where_pytest_was_started(tmp_path: Path) -> None:
    found = surroundings_of(node(tmp_path, ackord_contract="reference"), None)
    assert (found.name, found.asked_as) == ("tests/test_x.py::test_x", "test_x.py::test_x")

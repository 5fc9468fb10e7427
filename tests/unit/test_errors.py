"""Errors are one line each, whatever a file says."""

from __future__ import annotations

import pickle

import pytest

from ackord.errors import FileError, UnknownNameError


@pytest.mark.parametrize("said", ["a\nb", "a\r\nb", "a\x1b[2Jb", "a\x85b", "a\u2028b", "a\x7fb", "a\0b"])
def test_control_characters_of_a_file_are_shown_as_escapes(said: str) -> None:
    error = FileError("contract.yaml", 3, f'"{said}" is no place', expected="one of two")
    assert len(str(error).splitlines()) == 2
    assert str(error) == str(pickle.loads(pickle.dumps(error)))
    assert str(error).startswith('contract.yaml:3: "a\\')
    assert len(str(UnknownNameError("profile", said, [])).splitlines()) == 1
    assert all(character.isprintable() for character in error.problem)


def test_other_characters_are_shown_as_they_are() -> None:
    assert FileError("c.yaml", None, '"Übung\\n 付款" is none').problem == '"Übung\\n 付款" is none'


def test_several_names_in_one_are_told_apart() -> None:
    error = UnknownNameError("profile", "none,latency", ["none", "latency"])
    assert str(error).endswith("mend: these are 2 names: give each of them by itself, with the option in front")
    assert "mend" not in str(UnknownNameError("profile", "nona", ["none", "latency"]))
    assert "mend" not in str(UnknownNameError("profile", "x,y", ["none", "latency"]))

"""The limit of open files: raised, never lowered, never beyond what the system allows."""

from __future__ import annotations

import resource

import pytest

from ackord.host.open_files import allow_open_files


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "becomes"),
    [
        (1024, 4096, 2000, 2000),
        (1024, 4096, 9000, 4096),
        (1024, resource.RLIM_INFINITY, 9000, 9000),
        (4096, 4096, 2000, None),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, 2000, None),
    ],
)
def test_the_limit_is_raised_as_far_as_it_goes(
    soft: int, hard: int, wanted: int, becomes: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda which: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda which, limits: told.append(limits))
    assert allow_open_files(wanted) == (soft if becomes is None else becomes)
    assert told == ([] if becomes is None else [(becomes, hard)])


def test_a_system_that_refuses_keeps_what_it_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(which: int, limits: tuple[int, int]) -> None:
        raise ValueError("not allowed to raise maximum limit")

    monkeypatch.setattr(resource, "getrlimit", lambda which: (256, resource.RLIM_INFINITY))
    monkeypatch.setattr(resource, "setrlimit", refused)
    assert allow_open_files() == 256

"""What a gateway of the library takes and refuses before anything is started; tests/live/test_gateway_library.py runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.errors import FileError, UnknownNameError, UsageError
from ackord.gateway import Gateway


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(UsageError, match="remote"):
        Gateway("reference", target="http://192.0.2.1:80")


def test_options_are_those_of_a_run() -> None:
    gateway = Gateway("reference", target="http://127.0.0.1:9", seed=7)
    assert (gateway.plan.target, gateway.plan.seed, gateway.plan.own_clients) == ("http://127.0.0.1:9", 7, True)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="lagging"):
        Gateway("reference", target="http://127.0.0.1:1", profile="lagging")
    with pytest.raises(FileError, match=r"absent\.yaml"):
        Gateway(tmp_path / "absent.yaml", target="http://127.0.0.1:1")


def test_a_profile_that_needs_more_than_an_address_is_refused() -> None:
    with pytest.raises(UsageError, match="replica-lag"):
        Gateway("reference", target="http://127.0.0.1:1", profile="replica-lag")

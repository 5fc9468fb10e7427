"""The named policies, and files of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.core.operation import Observation, OperationKind
from ackord.errors import FileError, UnknownNameError, UsageError
from ackord.merchant.events import Answered, Send, WakeAt, Woken
from ackord.merchant.machine import MerchantMachine
from ackord.merchant.presets import PRESETS, policies_of

THE_DISCUSSION = {"naive", "buffered", "poller", "ordered", "command-instead-of-query", "recommended"}


def test_the_discussion_s_policies_are_there_and_each_duty_says_where_it_is_documented() -> None:
    assert set(PRESETS.names()) >= THE_DISCUSSION
    duties = [policy for policy in PRESETS if policy.name.endswith("-duty")]
    assert len(duties) >= 5
    assert all(policy.source and policy.description for policy in duties)


def numbers_after_not_found(name: str, at_ns: int) -> tuple[set[int], set[OperationKind]]:
    """Which order numbers and which operations a policy uses after an acknowledged order is not found at once."""
    machine = MerchantMachine(PRESETS.get(name))
    machine.begin(0)
    actions = machine.on(Answered(1, Observation.ACK), 0)
    sent: list[Send] = []
    for _ in range(3):
        wake = next((a for a in actions if isinstance(a, WakeAt)), None)
        if wake is None:
            break
        now_ns = max(at_ns, wake.at_ns)
        actions = machine.on(Woken(), now_ns)
        sent += (asked := [a for a in actions if isinstance(a, Send)])
        for each in asked:
            if each.kind is OperationKind.QUERY:
                actions = machine.on(Answered(each.call, Observation.NOT_FOUND), now_ns)
                sent += [a for a in actions if isinstance(a, Send)]
    return {a.number for a in sent}, {a.kind for a in sent}


def test_the_naive_one_pays_under_another_number_and_the_careful_ones_do_not() -> None:
    numbers, _ = numbers_after_not_found("naive", 0)
    assert numbers == {0, 1}
    for name in THE_DISCUSSION - {"naive"}:
        numbers, _ = numbers_after_not_found(name, 0)
        assert numbers == {0}, name


def test_a_command_instead_of_a_query_submits_the_same_number() -> None:
    _, kinds = numbers_after_not_found("command-instead-of-query", 0)
    assert OperationKind.RESUBMIT in kinds


def test_all_names_every_preset_once() -> None:
    assert [p.name for p in policies_of(["all", "naive"])] == PRESETS.names()


def test_a_file_s_policies_are_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("policies:\n  - {name: ours, on_not_found: ignore, buffer: 5s}\n")
    assert [p.name for p in policies_of([str(file), "naive"])] == ["ours", "naive"]


def test_mistakes_are_one_error(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="naive"):
        policies_of(["naiv"])
    file = tmp_path / "mine.yaml"
    file.write_text("policies:\n  - {name: naive, buffer: 5}\n")
    with pytest.raises(FileError, match=r"mine.yaml:2"):
        policies_of([str(file)])
    file.write_text("policies:\n  - {name: naive, buffer: 5s}\n")
    with pytest.raises(UsageError, match="two policies are called naive"):
        policies_of(["naive", str(file)])

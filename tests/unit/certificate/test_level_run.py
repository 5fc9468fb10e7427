"""A level says what is run, and what cannot earn it is refused before anything is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ackord.certificate.challenge import seed_of_challenge
from ackord.certificate.level_run import impossible_profiles, level_options, level_plan
from ackord.certificate.levels import LEVELS
from ackord.contract.loading.loader import shipped
from ackord.errors import UnknownNameError, UsageError
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan


def test_a_level_names_its_profiles_and_the_challenge_the_seed() -> None:
    assert list(level_options(RunOptions(), "A0").profiles) == list(LEVELS.get("A0").profiles)
    assert level_options(RunOptions(), "A0", "a-challenge").seed == seed_of_challenge("a-challenge")


@pytest.mark.parametrize(
    ("level", "options", "nonce", "said"),
    [
        ("A0", {"profiles": ["none"]}, "", "leave --profile out"),
        ("A0", {"inject": False}, "", "--no-inject"),
        ("A0", {"repeats": 2}, "", "leave --repeat out"),
        ("A0", {"target": "emulator"}, "", "nobody's product"),
        ("A0", {"seed": 3}, "a-challenge", "leave --seed or --nonce out"),
        ("A0", {}, "short", "this is no challenge"),
    ],
)
def test_what_contradicts_a_level_is_refused(level: str, options: dict[str, Any], nonce: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        level_options(RunOptions(**options), level, nonce)


def test_an_unknown_level_is_told_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="A0, A1, A2, A3"):
        level_options(RunOptions(), "B1")


def test_an_address_can_earn_what_needs_no_seam(tmp_path: Path) -> None:
    plan = make_plan(RunOptions(target="http://127.0.0.1:9", profiles=["none"], out=tmp_path))
    assert [p.name for p in level_plan(plan, LEVELS.get("A1")).profiles] == list(LEVELS.get("A1").profiles)
    with pytest.raises(
        UsageError, match=r"A2 cannot be earned at http://127.0.0.1:9.*replication(.|\n)*take --level A1"
    ):
        level_plan(plan, LEVELS.get("A2"))
    assert [(p.profile, p.reason) for p in impossible_profiles(plan, ("none", "replica-lag", "two-nodes"))] == [
        ("replica-lag", "no seam for replication"), ("two-nodes", "no seam for nodes, replication"),
    ]  # fmt: skip


def test_the_reference_can_earn_all(tmp_path: Path) -> None:
    plan = make_plan(RunOptions(profiles=["none"], out=tmp_path))
    for level in LEVELS:
        whole = level_plan(plan, level)
        assert [p.name for p in whole.profiles] == list(level.every_profile)
        assert whole.left_out == ()


def test_what_the_target_has_no_seam_for_is_left_out_and_told(tmp_path: Path) -> None:
    plan = level_plan(make_plan(RunOptions(target="docker", profiles=["none"], out=tmp_path)), LEVELS.get("A2"))
    assert [(p.profile, p.reason) for p in plan.left_out] == [("table-lag", "no seam for read-model")]
    assert "provider-errors" in [p.name for p in plan.profiles]


KEYS = [("{bearer: sk_main}", "{bearer: '${env:A}'}"), ("{bearer: sk_other}", "{bearer: '${env:B}'}"),
        ("{bearer: sk_operator}", "{bearer: '${env:C}'}")]  # fmt: skip


def own_contract(folder: Path, *changes: tuple[str, str]) -> Path:
    text = (shipped("contracts") / "reference.yaml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "mine.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("changes", "level", "said"),
    [
        ([], "A0", "may be a secret that is written out"),
        ([*KEYS, ("lands_within: 1s", "")], "A1", "A1 demands landing-bounded.*promises no landing window"),
        ([*KEYS, ("lands_within: 1s", "")], "A0", ""),
        (
            [*KEYS, ("order_no: {", "base_url: '${env:URL}'\norder_no: {")],
            "A0",
            "a stranger could not read the contract",
        ),
        (KEYS, "A1", ""),
    ],
)
def test_a_contract_that_earns_nothing_is_refused_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: list[tuple[str, str]], level: str, said: str
) -> None:
    for name in "ABC":
        monkeypatch.setenv(name, f"sk_{name}")
    monkeypatch.setenv("URL", "http://127.0.0.1:9")
    path = own_contract(tmp_path, *changes)
    plan = make_plan(RunOptions(str(path), target="http://127.0.0.1:9", profiles=["none"], out=tmp_path))
    if not said:
        assert level_plan(plan, LEVELS.get(level)).profiles
        return
    with pytest.raises(UsageError, match=said):
        level_plan(plan, LEVELS.get(level))

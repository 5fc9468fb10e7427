"""Tables of the documents that list what the code declares: all of it, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

import pytest

from ackord.chaos.faults import FAULTS, EdgeFault, Seam, base
from ackord.gate.policy import GatePolicy
from ackord.guarantees import GUARANTEES
from ackord.merchant.presets import PRESETS
from ackord.providers.service.bank_channel import ChannelSettings
from ackord.providers.service.behavior import ProviderBehavior
from ackord.reconcile.classes import ReconcileClass
from ackord.replay.order_scenario import OrderScenario, ScenarioStep

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "harness/ackord"
ROOMS = sorted(path.parent for path in SOURCE.rglob("README.md"))
GENERATED = {"guarantees/merchant", "contract/signing/emulator_keys"}
"""Rooms whose README lists something else than modules: guarantees by their titles, key files."""
ELSEWHERE = {guarantee.id.replace("-", "_") for guarantee in GUARANTEES}
"""Modules that a generated catalogue lists, one by one."""

pytestmark = pytest.mark.skipif(not SOURCE.is_dir(), reason="the documents are in a checkout only")


def rows(text: str, head: str) -> list[str]:
    """Return the words in backticks in the first cell of each row of the table with this head, in their order."""
    table = text.partition(f"\n| {head} |")[2].partition("\n\n")[0]
    assert table, f"there is no table with the head {head!r}"
    cells = re.findall(r"^\|([^|]*)\|", table, re.MULTILINE)
    return [word for cell in cells for word in re.findall(r"`([^`]+)`", cell)]


def named(text: str) -> set[str]:
    """Return what stands in backticks in a README, as names of modules: without folder and ending."""
    return {word.rstrip("/").rpartition("/")[2].removesuffix(".py") for word in re.findall(r"`([^`\n]+)`", text)}


def unnamed(text: str, modules: Iterable[str]) -> list[str]:
    return sorted(set(modules) - named(text) - ELSEWHERE - {"__init__", "__main__"})


def name_of(room: Path) -> str:
    return room.relative_to(SOURCE).as_posix()


@pytest.mark.parametrize("room", [room for room in ROOMS if name_of(room) not in GENERATED], ids=name_of)
def test_a_room_s_readme_names_each_of_its_modules(room: Path) -> None:
    text = (room / "README.md").read_text()
    assert unnamed(text, (path.stem for path in room.glob("*.py"))) == [], f"not in {name_of(room)}/README.md"


@pytest.mark.parametrize("room", ROOMS, ids=name_of)
def test_a_room_s_readme_names_no_module_that_is_gone(room: Path) -> None:
    cells = re.findall(r"^\|([^|]*)\|", (room / "README.md").read_text(), re.MULTILINE)
    modules = [word for cell in cells for word in re.findall(r"`([^`]+\.py)`", cell)]
    assert [module for module in modules if not (room / module).exists()] == []


def test_a_module_that_a_readme_forgot_is_found_and_one_in_any_form_is_not() -> None:
    text = "| `one.py`, `folder/two.py` | do things |\n| `three` | does, too |"
    assert unnamed(text, ["__init__", "one", "two", "three", "four"]) == ["four"]


def test_every_seam_is_in_the_glossary() -> None:
    glossary = (ROOT / "docs/GLOSSARY.md").read_text()
    (told,) = re.findall(r"^\| seam \| [^:]*: ([^|]*) \|", glossary, re.MULTILINE)
    assert sorted(told.split(", ")) == sorted(Seam)


def test_a_fault_s_author_finds_the_base_class_of_every_seam() -> None:
    text = (ROOT / "docs/CONTRIBUTING.md").read_text()
    table = text.partition("\n| seam | base class |")[2].partition("\n\n")[0]
    told = {
        cells[0]: re.findall(r"`(\w+)`", cells[1])[0]
        for row in re.findall(r"^\|(.*)\|$", table, re.MULTILINE)[1:]
        for cells in [row.split("|")]
    }
    bases = {cls.__name__: set(cls.seams) for cls in derived(base.Fault) if "seams" in vars(cls)}
    assert {name: set(re.findall(r"`([\w-]+)`", seams)) for seams, name in told.items()} == bases


def derived(cls: type[base.Fault]) -> Iterable[type[base.Fault]]:
    for found in cls.__subclasses__():
        yield found
        yield from derived(found)


def test_every_fault_that_may_meet_another_is_in_the_gateway_s_table() -> None:
    text = (SOURCE / "chaos/gateway/README.md").read_text()
    terminal = {fault.fault_name() for fault in FAULTS if issubclass(fault, EdgeFault) and not fault.composable}
    assert set(rows(text, "terminal fault")) == terminal


def test_the_scenario_file_is_described_field_by_field() -> None:
    text = (ROOT / "docs/REPLAY.md").read_text()
    assert set(rows(text, "field")) == set(OrderScenario.model_fields)
    assert set(rows(text, "field of a step")) == set(ScenarioStep.model_fields)


def test_a_gate_s_policy_is_described_field_by_field() -> None:
    told = {field.partition(".")[0] for field in rows((ROOT / "docs/GATE.md").read_text(), "field")}
    assert told == set(GatePolicy.model_fields)


def test_every_preset_of_a_merchant_is_described() -> None:
    told = rows((ROOT / "docs/MERCHANTS.md").read_text(), "preset")
    assert [*told[:-1], "...-duty"] == [*(name for name in PRESETS.names() if not name.endswith("-duty")), told[-1]]


def test_the_classes_of_a_reconciliation_are_told_in_their_order() -> None:
    assert rows((ROOT / "docs/STATEMENTS.md").read_text(), "class") == list(ReconcileClass)


def test_what_the_reference_provider_can_be_told_is_described() -> None:
    text = (SOURCE / "providers/README.md").read_text()
    assert set(rows(text, "setting of `channel`")) == {field.name for field in fields(ChannelSettings)}
    assert set(rows(text, "`behavior`")) == {field.name for field in fields(ProviderBehavior)}

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.contract.loading.loader import PlaceholderEnv, contract_names, load_contract
from ackord.guarantees import GUARANTEES
from ackord.guarantees.merchant import MERCHANT_GUARANTEES
from ackord.report.contract_places import guarantee_lines, shown_file

from .build import ONCE, VISIBLE


def test_a_guarantee_is_about_the_line_of_its_promise_or_operation() -> None:
    loaded = load_contract("reference", env=PlaceholderEnv())
    text = loaded.path.read_text().splitlines()
    lines = guarantee_lines(loaded)
    assert text[lines[VISIBLE] - 1].startswith("  not_found:")
    assert text[lines[ONCE] - 1].startswith("  on_same_payload:")
    assert text[lines["landing-bounded"] - 1].startswith("  lands_within:")
    assert text[lines["unordered-number-not-paid"] - 1].startswith("ledger:")
    assert text[lines["merchant-pays-once"] - 1].startswith("submit:")


@pytest.mark.parametrize("name", contract_names("contracts"))
def test_every_guarantee_has_a_line_in_every_contract(name: str) -> None:
    loaded = load_contract(name, env=PlaceholderEnv())
    lines = guarantee_lines(loaded)
    assert set(lines) == {*GUARANTEES.names(), *MERCHANT_GUARANTEES.names()}
    assert all(1 <= line <= len(loaded.path.read_text().splitlines()) for line in lines.values())


def test_a_contract_that_says_nothing_of_it_is_pointed_to_at_the_nearest_entry(tmp_path: Path) -> None:
    reference = load_contract("reference", env=PlaceholderEnv()).path.read_text()
    path = tmp_path / "mine.yaml"
    path.write_text("".join(line for line in reference.splitlines(keepends=True) if "on_same_payload" not in line))
    loaded = load_contract(path, env=PlaceholderEnv())
    assert path.read_text().splitlines()[guarantee_lines(loaded)[ONCE] - 1].startswith("promises:")


def test_a_path_below_the_working_folder_is_shown_as_ci_opens_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    (here / "out").mkdir(parents=True)
    monkeypatch.chdir(here)
    mine, foreign, copy = here / "mine.yaml", tmp_path / "foreign.yaml", here / "out" / "run-contract.yaml"
    assert shown_file(mine, copy) == "mine.yaml"
    assert shown_file(foreign, copy) == foreign.as_posix()
    copy.write_text("")
    assert shown_file(foreign, copy) == "out/run-contract.yaml"

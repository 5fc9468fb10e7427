from __future__ import annotations

from pathlib import Path

import pytest

from ackord.contract.loading.loader import shipped
from ackord.project.detection import found_contracts, why_not_loaded

TEXT = (shipped("contracts") / "reference.yaml").read_text()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def put(path: Path, text: str = TEXT) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_contracts_are_found_by_what_is_in_them(folder: Path) -> None:
    for name in ("mine.yaml", "contracts/theirs.yml", "a/b/c/d/deep.yaml"):
        put(folder / name)
    put(folder / "compose.yaml", "services: {provider: {image: x}}\n")
    put(folder / "profile.yaml", "name: x\nfaults: []\n")
    put(folder / "notes.txt")
    put(folder / "broken.yaml", "provider: [\nsubmit:\nquery:\n")
    (folder / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    assert [str(path) for path in found_contracts(folder)] == [
        "a/b/c/d/deep.yaml", "broken.yaml", "contracts/theirs.yml", "mine.yaml",
    ]  # fmt: skip


def test_what_others_brought_and_what_runs_left_is_none_of_the_project(folder: Path) -> None:
    for name in (
        "node_modules/x/a.yaml", ".venv/a.yaml", "venv/a.yaml", "ackord-out/x/run-contract.yaml", ".hidden.yaml",
        "_template.yaml", "evidence/run-contract.yaml", "a/b/c/d/e/f/too-deep.yaml",
    ):  # fmt: skip
        put(folder / name)
    assert found_contracts(folder) == []


def test_a_contract_that_cannot_be_used_says_why(folder: Path) -> None:
    put(folder / "mine.yaml")
    put(folder / "broken.yaml", "provider: [\n")
    assert why_not_loaded(folder / "mine.yaml") == ""
    assert "broken.yaml:2: this is not YAML" in why_not_loaded(folder / "broken.yaml")

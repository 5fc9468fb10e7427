"""Finding contracts by name or path."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.contract.loading import loader
from ackord.errors import FileError, UnknownNameError

from ..support import SMALL, loaded


def test_a_contract_by_name_and_by_path() -> None:
    by_name = loader.load_contract("reference")
    assert by_name.contract.provider == "ackord-reference"
    assert loader.load_contract(str(by_name.path)).contract == by_name.contract
    assert "reference" in loader.contract_names("contracts")


def test_the_template_is_no_contract_by_name_but_a_sound_one() -> None:
    assert not [name for name in loader.contract_names("contracts") if name.startswith("_")]
    template = loader.shipped("contracts") / "_template.yaml"
    assert loader.load_contract(template, env={"EXAMPLE_SECRET_KEY": "sk"}).contract.accounts["main"].auth is not None
    with pytest.raises(FileError, match="EXAMPLE_SECRET_KEY is not set"):
        loader.load_contract(template, env={})


def test_a_name_that_is_not_known() -> None:
    with pytest.raises(UnknownNameError, match='Did you mean "reference"'):
        loader.load_contract("refrence")


def test_a_folder_is_called_one(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").mkdir()
    with pytest.raises(FileError, match=r"mine\.yaml: this is a folder, not a file"):
        loader.load_contract(tmp_path / "mine.yaml")


@pytest.mark.parametrize("name", ["none.yaml", "no/such", "./reference"])
def test_a_path_that_is_not_there(name: str) -> None:
    with pytest.raises(FileError, match="there is no such file"):
        loader.load_contract(name)


def test_an_installed_package_comes_before_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_shipped" / "contracts").mkdir(parents=True)
    (tmp_path / "_shipped" / "contracts" / "mine.yaml").write_text(SMALL, encoding="utf-8")
    monkeypatch.setattr(loader, "_PACKAGE", tmp_path)
    assert loader.contract_names("contracts") == ["mine"]
    assert loader.load_contract("mine").contract.provider == "small"


def test_an_error_can_point_into_a_loaded_file(tmp_path: Path) -> None:
    found = loaded(tmp_path, SMALL)
    error = found.document.error(("states", "BAD"), "it is wrong")
    assert str(error) == f"{found.path}:26: it is wrong"

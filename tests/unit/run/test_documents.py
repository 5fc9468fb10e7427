"""The OpenAPI document that a contract names: found beside it, second to an option, and refused at its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ackord import cli
from ackord.contract.loading.loader import load_contract, shipped
from ackord.errors import FileError
from ackord.providers.reference.api import ServiceHolder, build_app
from ackord.report.contract_summary import explain_contract
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import document_of, make_plan

REFERENCE = (shipped("contracts") / "reference.yaml").read_text()


def contract(folder: Path, openapi: str = "openapi.json", text: str = REFERENCE) -> Path:
    """A contract that names a document in its first line, in a folder of its own."""
    path = folder / "contracts" / "mine.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"openapi: {openapi}\n{text}")
    return path


def document(path: Path) -> Path:
    path.write_text(json.dumps(build_app(ServiceHolder()).openapi()))
    return path


@pytest.mark.parametrize("target", ["", "emulator"])
def test_a_run_holds_answers_to_the_document_beside_the_contract(tmp_path: Path, target: str) -> None:
    path = contract(tmp_path)
    named = document(path.parent / "openapi.json")
    plan = make_plan(RunOptions(str(path), profiles=["none"], seed=1, target=target, openapi_strict=True))
    assert plan.openapi is not None
    assert (plan.openapi.path, plan.openapi.strict) == (named, True)


def test_an_option_comes_first(tmp_path: Path) -> None:
    path = contract(tmp_path, "missing.json")
    given = document(tmp_path / "given.json")
    plan = make_plan(RunOptions(str(path), profiles=["none"], seed=1, openapi=str(given)))
    assert plan.openapi is not None
    assert plan.openapi.path == given


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, '"openapi": it cannot be read: No such file or directory'),
        ("{}", '"openapi": it is no OpenAPI document'),
        (
            '{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}}',
            '"openapi": this document does not describe the contract\'s submit',
        ),
    ],
    ids=["missing", "no document", "another provider's"],
)
def test_a_document_that_cannot_be_used_is_told_at_the_contract_s_line(
    tmp_path: Path, content: str | None, says: str
) -> None:
    path = contract(tmp_path)
    if content is not None:
        (path.parent / "openapi.json").write_text(content)
    with pytest.raises(FileError) as failure:
        document_of(load_contract(path))
    assert str(failure.value).startswith(f"{path}:1: {says}")
    assert "expected: " in str(failure.value)


@pytest.mark.parametrize("name", ["../openapi.json", "a/../../openapi.json", "/openapi.json", '""', "."])
def test_a_document_outside_the_contract_s_folder_is_refused(tmp_path: Path, name: str) -> None:
    document(tmp_path / "openapi.json")
    with pytest.raises(FileError, match=r"mine.yaml:1: .*\n  expected: a path below the file's own folder"):
        load_contract(contract(tmp_path, name))


def test_what_is_checked_explained_and_audited_is_held_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = contract(tmp_path)
    told = " ".join(explain_contract(load_contract(path)).split())
    assert "Its answers are held to the provider's OpenAPI document, openapi.json. [openapi, line 1]" in told
    monkeypatch.setattr("signal.signal", lambda *a: None)
    for words in (["contract", "check", "--no-smoke", str(path)], ["audit", "x.har", "--contract", str(path)]):
        monkeypatch.setattr("sys.argv", ["ackord", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 2
        assert f'{path}:1: "openapi": it cannot be read' in capsys.readouterr().err

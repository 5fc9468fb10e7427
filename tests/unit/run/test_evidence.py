"""The folder of a run: old results go, strangers' files stay, the contract is put beside unless it may hold a secret."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ackord.contract.loading.loader import PlaceholderEnv, load_contract, shipped
from ackord.errors import FileError, UsageError
from ackord.run.evidence import (
    CONTRACT_FILE,
    begin_evidence,
    clear_evidence,
    contract_digest,
    keep_contract,
    unused_folder,
    why_not_kept,
)


def test_an_earlier_run_s_results_go_and_nothing_else(tmp_path: Path) -> None:
    for name in ("result.json", "junit.xml", "report.html", CONTRACT_FILE, "none/journal.jsonl", "lag/journal.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("old")
    (tmp_path / "lag" / "notes.txt").write_text("mine")
    (tmp_path / "mine.txt").write_text("mine")
    clear_evidence(tmp_path)
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
    assert left == ["lag", "lag/notes.txt", "mine.txt"]
    clear_evidence(tmp_path / "not there")


def test_two_runs_at_once_cannot_write_into_one_folder(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from ackord.run.evidence import begin_evidence;"
        "begin_evidence(Path(sys.argv[1])); print('begun', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "begun\n"
    (tmp_path / "result.json").write_text("the other run's")
    with pytest.raises(UsageError, match=r"another run is writing its evidence into .*\n  mend: wait"):
        begin_evidence(tmp_path)
    assert (tmp_path / "result.json").exists()
    other.kill()
    other.communicate()
    begin_evidence(tmp_path)
    begin_evidence(tmp_path)  # one process may run several plans into it, one after the other
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_folder_for_evidence(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(FileError, match="no folder that can be written"):
        begin_evidence(tmp_path / "out")


def test_the_contract_of_the_new_run_is_never_removed(tmp_path: Path) -> None:
    for name in (CONTRACT_FILE, "contract.yaml", "result.json"):
        (tmp_path / name).write_text("mine")
    clear_evidence(tmp_path, keep=tmp_path / "." / CONTRACT_FILE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["contract.yaml", CONTRACT_FILE]


def test_a_run_without_a_folder_of_its_own_writes_beside_an_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for expected in ("x-seed1", "x-seed1-2", "x-seed1-3"):
        folder = unused_folder("x-seed1")
        assert folder == Path("ackord-out") / expected
        (folder / "none").mkdir(parents=True)
        (folder / "none" / "journal.jsonl").write_text("")


def test_a_shipped_contract_is_put_beside(tmp_path: Path) -> None:
    loaded = load_contract("reference")
    assert why_not_kept(loaded) == ""
    keep_contract(loaded, tmp_path)
    assert contract_digest(load_contract(tmp_path / CONTRACT_FILE)) == contract_digest(loaded)


@pytest.mark.parametrize(("token", "kept"), [("${env:BANK_TOKEN}", True), ("abc-123", False)])
def test_a_contract_with_a_secret_written_out_is_not(tmp_path: Path, token: str, kept: bool) -> None:
    own = tmp_path / "own.yaml"
    text = (shipped("contracts") / "reference.yaml").read_text()
    text = re.sub(r"bearer: (sk_other|sk_operator)", r"bearer: '${env:\1}'", text)
    own.write_text(text.replace("bearer: sk_main", f"bearer: '{token}'"))
    loaded = load_contract(own, env=PlaceholderEnv())
    keep_contract(loaded, tmp_path)
    assert (tmp_path / CONTRACT_FILE).is_file() is kept
    place = f"{own}:13: accounts.main.auth.bearer may be a secret that is written out"
    assert why_not_kept(loaded).startswith("" if kept else place)
    assert (why_not_kept(loaded) == "") is kept

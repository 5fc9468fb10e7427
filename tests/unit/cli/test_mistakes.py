"""A user's mistake gets one clear error and the right exit code: never a traceback, and nothing is started."""

from __future__ import annotations

from pathlib import Path

import pytest

REFERENCE = Path(__file__).parents[3] / "contracts" / "reference.yaml"


def contract(folder: Path, old: str, new: str) -> str:
    path = folder / "mine.yaml"
    text = REFERENCE.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return str(path)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("environment: sandbox ", "enviroment: sandbox ", 'Did you mean "environment"?'),
        ("lands_within: 1s", "lands_within: soon", "duration"),
        ("orders: 20000", "orders: many", "limits"),
        ("{bearer: sk_main}", "{bearer: '${env:ACKORD_TEST_NOT_SET}'}", "ACKORD_TEST_NOT_SET"),
        ("not_found: forbidden", "not_found: perhaps", "not_found"),
        ("observation: NOT_FOUND", "observation: NOT_FUOND", "NOT_FOUND"),
        ("${order_no}\", amount", "${order_nr}\", amount", "order_nr"),
        ("provider: ackord-reference", "provider: ackord-reference\nprovider: twice", "twice"),
    ],
)  # fmt: skip
def test_a_wrong_contract_names_its_line(run, tmp_path: Path, old: str, new: str, says: str) -> None:  # type: ignore[no-untyped-def]
    path = contract(tmp_path, old, new)
    line = Path(path).read_text().split(new)[0].count("\n") + 1 + new.count("\nprovider")
    code, out, err = run("certify", path)
    assert code == 2
    assert f"mine.yaml:{line}:" in err
    assert says in err
    assert "Traceback" not in err + out
    assert list(tmp_path.iterdir()) == [Path(path)], "nothing was written"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["certify", "nobody"], "reference"),
        (["certify", "missing.yaml"], "no such file"),
        (["certify", "--profile", "replica-lagg"], 'Did you mean "replica-lag"?'),
        (["certify", "--flaw", "standby-read"], 'Did you mean "standby-reads"?'),
        (["certify", "--budget", "huge"], "quick"),
        (["certify", "--profile", "none", "--profile", "none"], "twice"),
        (["certify", "--target", "https://api.example.com"], "this machine"),
        (["certify", "--target", "https://127.0.0.1", "--ca", "/no/such/file"], "no such file"),
        (["certify", "--target", "http://127.0.0.1:1", "--profile", "failover-sync"], "targets that could: "
            "reference, emulator, docker"),
        (["certify", "--target", "docker", "--profile", "table-lag"], "targets that could: reference, emulator\n"),
        (["certify", "--target", "docker", "--flaw", "read-model-reads", "--profile", "none"], "needs read-model, and this "
            "target offers only"),
        (["certify", "--profile", "all", "--profile", "none"], "all"),
        (["certify", "--target", "http://10.0.0.1:80"], "loopback"),
        (["certify", "--target", "http://127.0.0.1:1", "--flaw", "standby-reads"], "--flaw"),
        (["certify", "--target", "http://127.0.0.1:1", "--profile", "replica-lag"], "replication"),
        (["audit", "missing.jsonl"], "cannot be read"),
        (["profile", "check", "missing.yaml"], "no such file"),
        (["flaw", "grid", "--flaw", "nonsense"], "nonsense"),
    ],
)  # fmt: skip
def test_a_wrong_word_is_told_with_the_right_ones(run, words: list[str], says: str) -> None:  # type: ignore[no-untyped-def]
    code, out, err = run(*words)
    assert code == 2
    assert says in err
    assert "Traceback" not in err + out


def test_a_production_contract_is_refused(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    code, _, err = run("certify", contract(tmp_path, "environment: sandbox ", "environment: production "))
    assert code == 2
    assert "sandbox" in err


def test_an_unreachable_provider_is_the_environment_s_failure(run) -> None:  # type: ignore[no-untyped-def]
    code, _, err = run("certify", "--target", "http://127.0.0.1:1", "--profile", "none")
    assert code == 4
    assert "cannot be reached" in err


def test_an_evidence_folder_that_cannot_be_made_is_told(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "file").write_text("")
    code, _, err = run("certify", "--profile", "none", "--out", str(tmp_path / "file"))
    assert code == 2
    assert "--out" in err


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["certify", "--help"],
        ["flaw", "list"],
        ["profile", "list"],
        ["contract", "schema"],
        ["contract", "check", str(REFERENCE)],
    ],
)
def test_what_only_tells_exits_with_0(run, words: list[str]) -> None:  # type: ignore[no-untyped-def]
    code, out, err = run(*words)
    assert code == 0, err
    assert out.strip()


def test_a_contract_is_checked_by_name_and_without_its_secrets(run) -> None:  # type: ignore[no-untyped-def]
    code, out, err = run("contract", "check", "reference", "stripe-payouts", "--no-smoke")
    assert (code, err) == (0, "")
    assert [line.partition(": ")[0] for line in out.splitlines()] == ["reference", "stripe-payouts"]
    assert "nothing was sent" in out
    assert "TODO" not in out


def test_open_todos_of_a_draft_are_told(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = contract(tmp_path, "environment: sandbox", "environment: sandbox  # TODO: is it?")
    code, out, _ = run("contract", "check", path, "--no-smoke")
    assert code == 0
    line = 1 + Path(path).read_text().splitlines().index(
        next(line for line in Path(path).read_text().splitlines() if "TODO" in line)
    )
    assert out.splitlines()[0] == f"{path}:{line}: a TODO is open"
    assert out.splitlines()[-1].endswith("; open TODOs: 1")

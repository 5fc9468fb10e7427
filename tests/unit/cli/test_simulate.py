"""``ackord simulate`` as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ackord import cli


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):  # type: ignore[no-untyped-def]
    """Run the command line in this process; return (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("signal.signal", lambda *a: None)

    def go(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["ackord", "simulate", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return go


SMALL = ("--orders", "40", "--most-orders", "40", "--profiles", "replica-lag")


def test_the_table_the_advice_and_the_files(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    words = ("--policies", "naive", "--policies", "recommended", "--recommend", "--check", "--out", "s")
    code, out, err = run(*SMALL, *words)
    assert code == 1 and "--check: paid something twice: naive." in err
    assert "1,000,000" in out
    assert "recommended is the cheapest policy that paid nothing twice" in out
    data = json.loads((tmp_path / "s/simulation.json").read_text())
    assert {(c["policy"], c["paid_twice"]["count"]) for c in data["cells"]} == {("naive", 40), ("recommended", 0)}
    assert {p.name for p in (tmp_path / "s").iterdir()} == {f"simulation.{e}" for e in ("json", "md", "svg", "png")}


def test_a_safe_policy_passes_the_check(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    code, out, err = run(*SMALL, "--policies", "recommended", "--check", "--details")
    assert code == 0 and "--check" not in err
    assert "no double payment under any profile" in out
    assert not list(tmp_path.iterdir()), "nothing is written without --out"


def test_a_contract_s_promises_make_the_provider(run) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = run("reference", *SMALL, "--policies", "naive", "--check")
    assert code == 0, "an order is never missing there"
    assert "ackord-reference, as it promises" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--policies", "naif"), 'Did you mean "naive"?'),
        (("--profiles", "replica-lga"), "replica-lag"),
        (("--outage", "60"), "with its unit"),
        (("--outage", "0s"), "--outage 0"),
        (("--profiles", "failover-async"), "failover needs processes"),
        (("--from", "none.json"), "none.json"),
        (("nobody",), "nobody"),
    ],
)
def test_a_mistake_is_one_error(run, words: tuple[str, ...], says: str) -> None:  # type: ignore[no-untyped-def]
    code, out, err = run("--orders", "5", *words)
    assert code == 2
    assert says in err
    assert "Traceback" not in out + err


def test_what_is_no_result_is_refused(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for text, says in (("{}", "no result of a run"), ("{", "no JSON")):
        (tmp_path / "r.json").write_text(text)
        code, _, err = run("--from", "r.json", "--orders", "5")
        assert code == 2
        assert says in err

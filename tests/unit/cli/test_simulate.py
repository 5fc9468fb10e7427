"""``ackord simulate`` as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture
def simulate(run):  # type: ignore[no-untyped-def]
    """Run ``ackord simulate``; return (exit code, standard output, standard error)."""
    return lambda *words: run("simulate", *words)


DAMAGED = '{"ackord": "result", "version": 1, "profiles": [{"landing": {"orders_count": 5}}]}'
SMALL = ("--orders", "40", "--most-orders", "40", "--profiles", "replica-lag")


def test_the_table_the_advice_and_the_files(simulate, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    words = ("--policies", "naive", "--policies", "recommended", "--recommend", "--check", "--out", "s")
    code, out, err = simulate(*SMALL, *words)
    assert code == 1 and "--check: paid something twice: naive." in err
    assert "1,000,000" in out
    assert "recommended is the cheapest policy that paid nothing twice" in out
    data = json.loads((tmp_path / "s/simulation.json").read_text())
    assert {(c["policy"], c["paid_twice"]["count"]) for c in data["cells"]} == {("naive", 40), ("recommended", 0)}
    assert {p.name for p in (tmp_path / "s").iterdir()} == {f"simulation.{e}" for e in ("json", "md", "svg", "png")}


def test_a_safe_policy_passes_the_check(simulate, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    code, out, err = simulate(*SMALL, "--policies", "recommended", "--check", "--details")
    assert code == 0 and "--check" not in err
    assert "no double payment under any profile" in out
    assert not list(tmp_path.iterdir()), "nothing is written without --out"


def test_a_contract_s_promises_make_the_provider(simulate) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = simulate("reference", *SMALL, "--policies", "naive", "--check")
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
def test_a_mistake_is_one_error(simulate, words: tuple[str, ...], says: str) -> None:  # type: ignore[no-untyped-def]
    code, out, err = simulate("--orders", "5", *words)
    assert code == 2
    assert says in err
    assert "Traceback" not in out + err


def test_what_is_no_result_is_refused(simulate, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for text, says in (("{}", "not a result of Ackord"), ("{", "no JSON"), (DAMAGED, "not a result of Ackord")):
        (tmp_path / "r.json").write_text(text)
        code, _, err = simulate("--from", "r.json", "--orders", "5")
        assert code == 2
        assert says in err

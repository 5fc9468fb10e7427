"""Which runs a campaign has, and what they come to."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.errors import UsageError
from ackord.run.campaign import Campaign, CampaignRun, CampaignVerdict
from ackord.run.options.run_options import RunOptions

HELD = CampaignRun("a", 1, 0, "HELD", [], "", 10)
BROKEN = CampaignRun("a", 2, 1, "VIOLATED", ["order-not-stuck @ none"], "", 10)
OPEN = CampaignRun("b", 1, 3, "INCONCLUSIVE", [], "", 10)
GONE = CampaignRun("b", 2, 4, "ERROR", [], "ackord: no such host", 0)


def campaign(folder: Path, *contracts: str, shard: str = "") -> Campaign:
    return Campaign(contracts, RunOptions(), range(1, 4), folder, shard)


def test_shards_share_the_runs_and_none_is_left_out_or_run_twice(tmp_path: Path) -> None:
    whole = campaign(tmp_path, "reference", "mine/acme.yaml").keys()
    assert whole[:3] == [("reference", 1), ("acme", 1), ("reference", 2)]
    parts = [campaign(tmp_path, "reference", "mine/acme.yaml", shard=f"{n}/4").keys() for n in (1, 2, 3, 4)]
    assert sorted(key for part in parts for key in part) == sorted(whole)
    assert {len(part) for part in parts} == {1, 2}


@pytest.mark.parametrize("shard", ["0/2", "3/2", "two"])
def test_a_shard_that_is_none_is_an_error(tmp_path: Path, shard: str) -> None:
    with pytest.raises(UsageError, match=f"--shard {shard}"):
        campaign(tmp_path, "reference", shard=shard).keys()


def test_two_contracts_of_one_name_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="two contracts have one name"):
        campaign(tmp_path, "one/acme.yaml", "two/acme.yaml").keys()


@pytest.mark.parametrize(
    ("runs", "missing", "code", "sentence"),
    [
        ((HELD,), 0, 0, "1 of 1 run held. Exit code 0."),
        ((HELD,), 1, 3, "1 of 2 runs held, 1 not run. Exit code 3."),
        ((HELD, OPEN), 0, 3, "1 of 2 runs held. Exit code 3."),
        ((HELD, GONE, OPEN), 0, 4, "1 of 3 runs held. Exit code 4."),
        ((HELD, BROKEN, GONE), 5, 1, "1 of 8 runs held, 5 not run. Exit code 1."),
        ((), 2, 3, "0 of 2 runs held, 2 not run. Exit code 3."),
    ],
)
def test_what_is_missing_is_never_a_pass(runs: tuple[CampaignRun, ...], missing: int, code: int, sentence: str) -> None:
    verdict = CampaignVerdict(runs, missing, "")
    assert (verdict.exit_code, verdict.sentence) == (code, sentence)


def test_each_contract_has_a_row() -> None:
    verdict = CampaignVerdict((HELD, BROKEN, OPEN, GONE), 0, "1/2")
    assert verdict.rows() == [
        ("a", "1 of 2", "1 VIOLATED", "order-not-stuck @ none (1 of 2)"),
        ("b", "0 of 2", "1 ERROR, 1 INCONCLUSIVE", "ackord: no such host"),
    ]
    assert "1 of 4 runs of the shard 1/2 held" in verdict.markdown()
    assert verdict.to_json()["exit_code"] == 1

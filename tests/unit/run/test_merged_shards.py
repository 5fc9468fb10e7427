"""Shards make one campaign again, and what does not belong together is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ackord.core.result import CampaignResult
from ackord.core.shard import Shard
from ackord.core.verdict import Result
from ackord.errors import FileError, UsageError
from ackord.record.journal import JournalWriter, read_journal
from ackord.report import REPORTS, write_all
from ackord.run.audit import audit_recordings
from ackord.run.merged_shards import merge_shards
from ackord.run.recorded_campaign import recorded_campaign
from tests.golden.campaigns import journal_of
from tests.unit.report.build import campaign

NAMES = ("held", "violated-visibility", "unsafe-visibility")


def profile_name(name: str) -> str:
    """What the golden journal's header calls its profile."""
    return read_journal(journal_of(name)).header.profile


def with_seed(journal: Path, seed: int) -> None:
    """Write a journal anew as another run's, which had another seed."""
    history = read_journal(journal)
    writer = JournalWriter(journal, replace(history.header, seed=seed))
    for event in history.events:
        writer.add(event)
    writer.close()


def shard_of(
    folder: Path, number: int, *, names: tuple[str, ...] = NAMES, count: int = 0, seed: int | None = None, **more: Any
) -> Path:
    """Write a shard with one golden journal as ``ackord certify --shard`` leaves it."""
    name = names[number - 1]
    path = folder / f"s{number}"
    (path / name).mkdir(parents=True)
    journal = Path(shutil.copy(journal_of(name), path / name / "journal.jsonl"))
    if seed is not None:
        with_seed(journal, seed)
    profiles = tuple(dict.fromkeys(map(profile_name, names)))
    shard = Shard(number, count or len(names), 7, profiles, "ackord certify reference --seed 7")
    result = replace(
        audit_recordings([journal]), out=str(path), **({"shard": shard, "started": f"2026-01-0{number}"} | more)
    )
    write_all(result, path)
    return path


@pytest.fixture
def shards(tmp_path: Path) -> list[Path]:
    return [shard_of(tmp_path, number) for number in (1, 2, 3)]


def merged(shards: list[Path], out: Path) -> CampaignResult:
    result = merge_shards(shards, out)
    write_all(result, out)
    return result


def test_all_shards_are_one_campaign_with_every_report(shards: list[Path], tmp_path: Path) -> None:
    result = merged([shards[2], shards[0], shards[1]], tmp_path / "whole")
    assert (result.result, result.exit_code, result.shard, result.seed) == (Result.VIOLATED, 1, None, 7)
    assert (result.repeat, result.started) == ("ackord certify reference --seed 7", "2026-01-01")
    assert len(result.profiles) == 3
    assert all((tmp_path / "whole" / report.file).is_file() for report in REPORTS if report.file)
    again = recorded_campaign(tmp_path / "whole")
    assert [p.verdict.result for p in again.profiles] == [p.verdict.result for p in result.profiles]
    shutil.rmtree(shards[0])
    assert recorded_campaign(tmp_path / "whole").result is Result.VIOLATED, "it stands without the shards"


def test_a_shard_by_itself_says_that_it_is_one(shards: list[Path]) -> None:
    assert "this is shard 1/3" in (shards[0] / "ackord-summary.md").read_text()
    assert recorded_campaign(shards[0]).shard == Shard(
        1, 3, 7, tuple(dict.fromkeys(map(profile_name, NAMES))), "ackord certify reference --seed 7"
    )


def test_a_required_profile_of_another_shard_is_no_doubt_until_they_are_merged(tmp_path: Path) -> None:
    parts = [shard_of(tmp_path, n, required=("table-lag",)) for n in (1, 2, 3)]
    assert recorded_campaign(parts[0]).doubts == ()
    assert merge_shards(parts, tmp_path / "whole").doubts == ("table-lag is required, and was not judged",)


def test_what_ended_one_shard_early_ended_the_campaign_early(tmp_path: Path) -> None:
    parts = [shard_of(tmp_path, n, failure="the provider is gone" if n == 2 else "", not_run=("x",) if n == 2 else ())
             for n in (1, 2, 3)]  # fmt: skip
    result = merge_shards(parts, tmp_path / "whole")
    assert (result.failure, result.not_run, result.exit_code) == ("shard 2/3: the provider is gone", ("x",), 4)


def test_a_shard_that_ended_before_any_journal_is_merged_and_is_no_pass(tmp_path: Path, shards: list[Path]) -> None:
    shutil.rmtree(shards[1])
    shards[1].mkdir()
    told = json.loads((shards[0] / "result.json").read_text())
    shard = Shard.from_json(told["shard"] | {"number": 2})
    empty = campaign(
        contract=told["contract"], failure="no provider", not_run=("x",), shard=shard, budget=told["budget"],
        flaw=told["flaw"],
    )  # fmt: skip
    write_all(empty, shards[1])
    result = merge_shards(shards, tmp_path / "whole")
    assert (result.exit_code, result.not_run, len(result.profiles)) == (4, ("x",), 2)


def edit(**values: Any) -> Callable[[list[Path]], None]:
    def go(shards: list[Path]) -> None:
        file = shards[1] / "result.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | values))

    return go


def edit_shard(**values: Any) -> Callable[[list[Path]], None]:
    def go(shards: list[Path]) -> None:
        file = shards[1] / "result.json"
        data = json.loads(file.read_text())
        file.write_text(json.dumps(data | {"shard": data["shard"] | values}))

    return go


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda shards: shards.pop(1), "shard 2/3 of the campaign is missing"),
        (lambda shards: shards.__delitem__(slice(1, 3)), "shards 2/3, 3/3 of the campaign are missing"),
        (lambda shards: shards.append(shards[1]), "shard 2/3 is given twice"),
        (lambda shards: shards.clear(), "no folder of a shard was given"),
        (edit(shard=None), "holds a whole campaign, not a shard of one"),
        (edit(tool_version="9.9"), "different versions of Ackord"),
        (edit(budget="deep"), "their budget"),
        (edit(flaw="standby-reads"), "their flaw"),
        (edit(provider_version="2.0"), "different versions of the provider: .* has none, .* has 2.0"),
        (edit_shard(seed=8), "their seeds: .* has 7, .* has 8"),
        (edit_shard(shards_count=4), "their number of shards"),
        (edit_shard(profiles=[*map(profile_name, NAMES), "latency"]), "their profiles"),
        (edit_shard(profiles=["../../held", "violated-visibility"]), "is no profile of the campaign"),
        (edit(tool_version=None, profiles=3), "this is not a result of Ackord"),
        (edit_shard(number=3), "shard 3/3 is given twice"),
    ],
)  # fmt: skip
def test_what_is_no_whole_campaign_is_refused(
    shards: list[Path], tmp_path: Path, spoil: Callable[[list[Path]], None], says: str
) -> None:
    spoil(shards)
    with pytest.raises(UsageError, match=says):
        merge_shards(shards, tmp_path / "whole")
    assert not (tmp_path / "whole").exists(), "nothing is written"


def test_a_folder_without_a_result_and_one_that_is_a_target_are_refused(shards: list[Path], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is the folder of a shard"):
        merge_shards(shards, shards[0])
    (shards[1] / "result.json").unlink()
    with pytest.raises(UsageError, match=r"holds no result\.json"):
        merge_shards(shards, tmp_path / "whole")


def test_an_altered_journal_is_refused(shards: list[Path], tmp_path: Path) -> None:
    journal = next(shards[1].glob("*/journal.jsonl"))
    journal.write_bytes(journal.read_bytes().replace(b"A-17", b"A-18"))
    with pytest.raises(FileError, match="SHA-256"):
        merge_shards(shards, tmp_path / "whole")


def test_runs_of_a_single_profile_stand_beside_each_other(tmp_path: Path) -> None:
    parts = [shard_of(tmp_path, n, names=("held", "held"), seed=n) for n in (1, 2)]
    result = merged(parts, tmp_path / "whole")
    name = profile_name("held")
    assert sorted(p.parent.name for p in (tmp_path / "whole").glob("*/journal.jsonl")) == [name, f"{name}-2"]
    assert result.result is recorded_campaign(tmp_path / "whole").result

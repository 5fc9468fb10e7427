"""A big journal is judged in parts: the same verdict and the same errors as in memory; without Parquet it is told.

Forged journals are judged in both ways in tests/simulated/test_forged_journals.py.
"""

from __future__ import annotations

import base64
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from ackord.core.event import event_from_json
from ackord.core.result import CampaignResult
from ackord.core.run_header import RunHeader
from ackord.core.verdict import Result
from ackord.errors import FileError, JournalError
from ackord.record import external_sort
from ackord.record.journal import JournalWriter
from ackord.report import write_all
from ackord.run import journal_parts
from ackord.run.audit import audit_recordings
from ackord.run.event_folders import FolderAudit

from ...golden.campaigns import journal_of
from ..guarantees.build import history, order
from .test_event_folders import BROKEN, RIGHT, journal

Told = list[tuple[str, int, int]]


@pytest.fixture
def everything_is_big(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_parts, "BIG_BYTES", 0)


def seen(result: CampaignResult) -> str:
    """All that a verdict says but how many orders reports show."""
    told = []
    for p in result.profiles:
        notes = tuple(note for note in p.verdict.notes if not note.startswith("reports show"))
        told.append((replace(p.verdict, notes=notes), p.landing, p.operations, p.elapsed_ns, p.journal, p.repeat))
    return repr((told, result.target, result.provider, result.exit_code))


GOLDEN = [journal_of(name) for name in ("held", "violated-visibility", "violated-double-movement", "cut-off")]


@pytest.mark.parametrize("name", ["broken", "right", *(path.stem for path in GOLDEN)])
def test_it_is_judged_as_in_memory(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = {"broken": BROKEN, "right": RIGHT}
    path = journal(tmp_path / "a" / "journal.jsonl", written[name]) if name in written else journal_of(name)
    before = audit_recordings([path])
    monkeypatch.setattr(journal_parts, "BIG_BYTES", 0)
    after = audit_recordings([path])
    assert seen(after) == seen(before)
    assert any(note.startswith("reports show") for note in after.profiles[0].verdict.notes)
    assert write_all(after, tmp_path / "reports")


@pytest.mark.usefixtures("everything_is_big")
def test_the_events_are_kept_and_worker_processes_judge_them(tmp_path: Path) -> None:
    path, told = journal(tmp_path / "journal.jsonl", BROKEN), Told()
    audit = FolderAudit(jobs=2, progress=lambda path, what: lambda done, of: told.append((what, done, of)))
    first = audit_recordings([path], folders=audit, to_parquet=tmp_path / "events")
    assert first.result is Result.VIOLATED and told[-1] == ("parts judged", 2, 2)
    again = audit_recordings([tmp_path / "events"])
    assert [g.findings for g in again.profiles[0].verdict.guarantees] == [
        g.findings for g in first.profiles[0].verdict.guarantees
    ]


def test_a_small_one_is_judged_in_memory(tmp_path: Path) -> None:
    path = journal(tmp_path / "journal.jsonl", RIGHT)
    assert not journal_parts.is_judged_in_parts(path) and journal_parts.too_big_note(path) == ()
    assert not journal_parts.is_judged_in_parts(tmp_path)


@pytest.mark.usefixtures("everything_is_big")
def test_a_drill_s_is_judged_in_memory(tmp_path: Path) -> None:
    drill = replace(RIGHT.header, subject="integration")
    path = journal(tmp_path / "journal.jsonl", history(order("A").submit(0, 5), healed=40))
    assert journal_parts.is_judged_in_parts(path)
    told = history(order("A").submit(0, 5), healed=40)
    told.header = drill
    assert not journal_parts.is_judged_in_parts(journal(tmp_path / "drill.jsonl", told))


@pytest.mark.usefixtures("everything_is_big")
def test_without_parquet_it_is_judged_in_memory_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_parts, "_has_parquet", lambda: False)
    notes = audit_recordings([journal(tmp_path / "journal.jsonl", RIGHT)]).profiles[0].verdict.notes
    assert any("was judged as a whole, in memory" in note and "ackord[scale]" in note for note in notes)


@pytest.mark.usefixtures("everything_is_big")
def test_what_is_wrong_is_told_as_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = journal(tmp_path / "journal.jsonl", BROKEN)
    whole = path.read_bytes().splitlines(keepends=True)
    damaged = {
        "a line dropped": whole[:3] + whole[4:],
        "a line behind the footer": [*whole, b"{}"],
        "no header": whole[1:],
        "nothing": [],
        "no event": [*whole[:3], b"[]\n", *whole[4:]],
    }
    for what, lines in damaged.items():
        path.write_bytes(b"".join(lines))
        problems = []
        for big in (0, 1 << 40):
            monkeypatch.setattr(journal_parts, "BIG_BYTES", big)
            with pytest.raises((FileError, JournalError)) as error:
                audit_recordings([path])
            problems.append(str(error.value))
        assert problems[0] == problems[1], what


@pytest.mark.usefixtures("everything_is_big")
def test_an_operation_of_two_orders_is_an_edit_and_no_row_that_does_not_fit(tmp_path: Path) -> None:
    path = journal(tmp_path / "journal.jsonl", RIGHT)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    twice = next(line for line in lines if line.get("e") == "begin" and line["vantage"] == "provider")
    twice["order"] = "B"
    written_anew(path, lines)
    with pytest.raises(FileError, match="is another one at the provider than at the merchant"):
        audit_recordings([path])


def written_anew(path: Path, lines: list[dict[str, object]]) -> None:
    """Write a journal's lines anew, with hashes that fit."""
    header: object = lines[0]["header"]
    assert isinstance(header, dict)
    writer = JournalWriter(path, RunHeader.from_json(header))
    for line in lines[1:-1]:
        writer.add(event_from_json({name: value for name, value in line.items() if name != "chain"}))
    writer.close()


def recording(folder: Path, events: list[dict[str, object]]) -> Path:
    path = folder / "traffic.har"
    path.write_text(json.dumps({"log": {"entries": events}}))
    return path


def traffic(seed: int, orders: int) -> list[dict[str, object]]:
    """Traffic with the reference in a sequence of its own: correct orders, lost ones, failed ones and other sites."""
    draw, items = random.Random(seed), []
    body: dict[str, object]
    for i in range(orders):
        number, url = f"shop-{i:06}", "https://api.example.com/v1/orders"
        body = {"order_no": number, "amount": 500 + i, "currency": "EUR", "payee": "p"}
        ending = draw.choice(["PAID", "PAID", "FAILED", None])
        sent = [("POST", url, body, 202, {"provider_id": f"po_{i}", "order_no": number, "status": "ACCEPTED"})]
        for _ in range(draw.randrange(3)):
            shown = {"order_no": number, "status": ending, "amount": 500 + i} if ending else {"code": "ORDER_NOT_FOUND"}
            sent.append(("GET", f"{url}/{number}", {}, 200 if ending else 404, shown))
        if draw.random() < 0.2:
            sent.append(("GET", "https://cdn.example.com/logo.png", {}, 200, {}))
        for second, (method, to, asked, status, told) in enumerate(sent):
            at = f"2026-01-02T{i // 3600:02}:{i // 60 % 60:02}:{(i + second) % 60:02}.{draw.randrange(1000):03}Z"
            items.append({
                "startedDateTime": at, "time": draw.choice([3, 20.25, -1 if draw.random() < 0.1 else 7]),
                "request": {"method": method, "url": to, "headers": [], "postData": {"text": json.dumps(asked)}},
                "response": {"status": status, "headers": [], "content": encoded(json.dumps(told), draw)},
            })  # fmt: skip
    draw.shuffle(items)
    return items


def encoded(text: str, draw: random.Random) -> dict[str, object]:
    if draw.random() < 0.3:
        return {"text": base64.b64encode(text.encode()).decode(), "encoding": "base64", "size": len(text)}
    return {"text": text, "size": len(text)}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("waiting_bytes", [1 << 12, 1 << 25])
def test_recorded_traffic_is_judged_as_in_memory(
    seed: int, waiting_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = recording(tmp_path, traffic(seed, 60))
    before = audit_recordings([path], contract="reference")
    assert before.result is Result.VIOLATED
    monkeypatch.setattr(journal_parts, "BIG_BYTES", 0)
    monkeypatch.setattr(external_sort, "_MOST_WAITING_BYTES", waiting_bytes)
    told = Told()
    audit = FolderAudit(progress=lambda path, what: lambda done, of: told.append((what, done, of)))
    after = audit_recordings([path], contract="reference", folders=audit, to_parquet=tmp_path / "events")
    assert seen(after) == seen(before)
    assert told[-1] == ("parts judged", 2, 2)
    again = audit_recordings([tmp_path / "events"])
    assert [g.findings for g in again.profiles[0].verdict.guarantees] == [
        g.findings for g in before.profiles[0].verdict.guarantees
    ]


@pytest.mark.usefixtures("everything_is_big")
def test_recorded_traffic_that_is_cut_off_has_no_verdict(tmp_path: Path) -> None:
    path = recording(tmp_path, traffic(1, 20))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(FileError, match=r"traffic\.har: the file is cut off in entry"):
        audit_recordings([path], contract="reference", to_parquet=tmp_path / "events")
    assert not (tmp_path / "events").exists()

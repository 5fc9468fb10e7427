"""Golden journals and what is made of them. ``ACKORD_UPDATE_GOLDEN=1 pytest tests/golden`` writes them anew; look at
the difference before you commit it.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.guarantees import GUARANTEES
from ackord.guarantees.judge import judge
from ackord.record.journal import JournalWriter, read_journal
from ackord.report import github, junit, markdown
from ackord.report.console import print_campaign
from ackord.report.contract_summary import COLUMNS, explain_contract
from ackord.report.explanation import explain_finding
from ackord.run.audit import audit_recordings

from .campaigns import FOLDER, campaign, journal_of, wide_campaign
from .stories import STORIES

UPDATE = os.environ.get("ACKORD_UPDATE_GOLDEN") == "1"
BROKEN = ("violated-visibility", "violated-double-movement", "unsafe-visibility")


def compare(name: str, text: str) -> None:
    """``text`` is what the golden file holds."""
    path = FOLDER / name
    if UPDATE:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, f"{name} changed; if it is meant to: ACKORD_UPDATE_GOLDEN=1"


def on_paper(width: int) -> Console:
    """A console that is no terminal, like a CI system's log."""
    return Console(file=io.StringIO(), width=width, force_terminal=False, _environ={})


def printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    # Trailing blanks come from the table's padding; nobody sees them, and editors strip them.
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()) + "\n"


@pytest.mark.parametrize("name", STORIES)
def test_a_journal_is_what_its_story_tells(name: str, tmp_path: Path) -> None:
    story = STORIES[name]
    writer = JournalWriter(tmp_path / "journal.jsonl", story.header)
    for event in story.events:
        writer.add(event)
    if story.complete:
        writer.close()
    else:
        writer.abandon()
    compare(f"{name}.jsonl", (tmp_path / "journal.jsonl").read_text(encoding="utf-8"))
    history = read_journal(journal_of(name))
    assert history.events == story.events
    assert history.complete == story.complete


@pytest.mark.parametrize("name", STORIES)
def test_the_judge_reaches_the_result_that_the_story_tells(name: str) -> None:
    story = STORIES[name]
    verdict = judge(read_journal(journal_of(name)))
    for finding in story.findings:
        judged = verdict.of(finding.guarantee)
        assert (judged.result, judged.violations) == (finding.result, 1)
        assert (judged.findings[0].order, judged.findings[0].staleness_ns) == (finding.order, finding.staleness_ns)
    if not story.findings:
        assert verdict.result.value == ("HELD" if story.complete else "INCONCLUSIVE")


@pytest.mark.parametrize("name", BROKEN)
def test_an_explanation_reads_as_before(name: str) -> None:
    (finding,) = STORIES[name].findings
    history = read_journal(journal_of(name))
    compare(f"{name}.explain.txt", explain_finding(finding, history, repeat=history.header.command).text() + "\n")


@pytest.mark.parametrize("width", [80, 100])
def test_a_campaign_reads_as_before(width: int) -> None:
    console = on_paper(width)
    print_campaign(console, campaign(*BROKEN, "held", "cut-off", not_run=("channel",)))
    text = printed(console)
    compare(f"campaign-{width}.console.txt", text)
    assert "\x1b" not in text


def test_a_campaign_that_held_reads_as_before() -> None:
    console = on_paper(100)
    print_campaign(console, campaign("held"))
    compare("held.console.txt", printed(console))


def test_fourteen_profiles_read_as_before() -> None:
    from ackord.report.table import print_table

    texts = []
    for width in (80, 100, 120):
        console = on_paper(width)
        print_table(console, wide_campaign(14, tuple(GUARANTEES.names())))
        text = printed(console)
        assert max(map(len, text.splitlines())) <= width
        texts.append(f"{width} columns\n{text}")
    compare("fourteen-profiles.table.txt", "\n".join(texts))


def test_junit_reads_as_before() -> None:
    root = junit.to_xml(campaign(*BROKEN, "held", "cut-off", not_run=("channel",)))
    ET.indent(root)
    compare("campaign.junit.xml", ET.tostring(root, encoding="unicode") + "\n")


def test_githubs_summary_reads_as_before() -> None:
    result = campaign(*BROKEN, "held", "cut-off", not_run=("channel",))
    compare("campaign.github.md", markdown.summary(result))
    compare("campaign.annotations.txt", "\n".join(github.error_commands(result)) + "\n")


@pytest.mark.parametrize("name", ["reference", "contracts/careless.yaml", "contracts/guessed.yaml"])
def test_a_contract_is_explained_as_before(name: str) -> None:
    path = FOLDER / name
    text = explain_contract(load_contract(path if path.suffix else name, env=PlaceholderEnv()))
    assert max(map(len, text.splitlines())) <= COLUMNS
    compare(f"{path.stem}.contract.txt", text)


@pytest.mark.parametrize(("name", "result"), [("origin", "VIOLATED"), ("clean", "HELD")])
def test_recorded_traffic_is_judged_as_before(name: str, result: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The story that Ackord was made for, as a merchant's proxy recorded it: an acknowledgement, then "order does not
    exist".
    """
    monkeypatch.chdir(FOLDER)
    campaign = audit_recordings([Path(f"traffic/{name}.har")], contract="reference")
    assert campaign.result.value == result
    console = on_paper(100)
    print_campaign(console, campaign)
    compare(f"traffic-{name}.console.txt", printed(console))

"""Answers that want to be obeyed: by a terminal, a browser, Markdown, XML or a CI system's log. They are shown, and do
nothing.
"""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as PublishedSarif

from ackord.core.event import Complete
from ackord.record.journal import read_journal

from .loopback_server import ServedRequest
from .paying_provider import PayingProvider, contract_file

EVIL = (
    "\x1b]0;pwned\x07\x1b[2J\x1b[31mred\x9b31m\u202egnihton\u2066\u200f\x00\x08 <script>alert('pwned')</script>"
    "<img src=x onerror=pwned()> ]]> --> ![i](http://evil.example/x.png) [l](javascript:pwned) @everyone #1 `x` | | **b**\r"
    "\n::error file=x::pwned\n::add-mask::pwned\n##[error]pwned\n<!-- ackord: other -->\n# pwned\n\ud800\ufffe\U000e0001"
)
SHORT = "::error::pwned <script>pwned</script>|`@everyone ![i](http://evil.example/x)"
"""As the provider's identifier of an order, which must be printable."""
MANY = 8 << 20  # eight times what is read of an answer
PROFILE = """
name: tiny
incident: A handful of orders.
phases: {disturb: {orders: 24, concurrency: 6}}
workload: {resubmit: 1, altered: 1, plain: 1}
exposes: [acknowledged-order-visible, resubmission-moves-money-once]
machine: false
"""


class Hostile:
    """Answers queries in turn, each kind in its own way."""

    def __init__(self) -> None:
        self._asked = 0
        self._sent_many = False

    def __call__(self, request: ServedRequest) -> tuple[int, dict[str, Any] | bytes] | None:
        if request.method != "GET" or not request.path.startswith("/payouts/"):
            return None
        self._asked += 1
        if self._asked < 6:  # a provider that is wrong from the first is refused before the run
            return None
        match self._asked % 6:
            case 1:
                return 404, {"error": EVIL}
            case 2:
                return 401, {"error": EVIL}
            case 3:
                return 200, {"id": EVIL, "status": EVIL, "amount": EVIL}
            case 4:
                return 200, b'\xff\xfe{"status": "paid\x1b[2J\xc3\x28"}\x80'
            case 5 if not self._sent_many:
                self._sent_many = True
                return 200, b'{"status": "paid", "id": "' + b"<script>pwned" * (MANY // 13) + b'"}'
        return None


class Run(NamedTuple):
    folder: Path
    seen: bytes
    """What a terminal of 80 columns got."""
    log: str
    """What a job's log got, which is no terminal."""

    def text(self, name: str) -> str:
        return (self.folder / "out" / name).read_text()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "tiny.yaml").write_text(PROFILE)
    contract = contract_file(
        folder, ("{status: 404, $.error: not_found}", "{status: 404, $.error: {exists: true}}"),
    )  # fmt: skip
    command = [sys.executable, "-m", "ackord", "certify", contract, "--profile", "tiny.yaml", "--seed", "1"]
    environment = {
        **os.environ,
        "COLUMNS": "80",
        "GITHUB_STEP_SUMMARY": str(folder / "step.md"),
        "TERM": "xterm-256color",
    }
    with PayingProvider(pays_altered=True, instead=Hostile(), more=lambda request: {"id": SHORT}) as provider:
        seen = in_a_terminal([*command, "--target", provider.url, "--out", "out", "--verbose"], folder, environment)
    with PayingProvider(pays_altered=True, instead=Hostile(), more=lambda request: {"id": SHORT}) as provider:
        words = [*command, "--target", provider.url, "--out", "log", "--verbose"]
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, check=False)
    yield Run(folder, seen, (done.stdout + done.stderr).decode())


def in_a_terminal(command: list[str], folder: Path, environment: dict[str, str]) -> bytes:
    ours, theirs = pty.openpty()
    seen = bytearray()

    def read() -> None:
        while True:
            try:
                data = os.read(ours, 1 << 16)
            except OSError:
                return
            if not data:
                return
            seen.extend(data)

    reader = threading.Thread(target=read)
    reader.start()
    subprocess.run(command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, check=False)
    os.close(theirs)
    reader.join()
    os.close(ours)
    return bytes(seen)


def obeyed(text: str) -> set[str]:
    """The characters that a terminal or a reader obeys: controls, directions, and what nobody sees."""
    return {
        char
        for char in text
        if (unicodedata.category(char) in ("Cc", "Cs", "Cf", "Zl", "Zp") and char not in "\n\t\u00ad")
    }


def test_the_run_met_what_it_was_to_meet(run: Run) -> None:
    history = read_journal(run.folder / "out/tiny/journal.jsonl")
    details = " ".join(event.detail for event in history.events if isinstance(event, Complete))
    assert "pwned" in details, "what the provider says is told"
    assert any(e.answer and e.answer["truncated"] for e in history.events if isinstance(e, Complete)), "8 MiB came"
    assert json.loads(run.text("result.json"))["exit_code"] == 1
    assert b"pwned" in run.seen and "pwned" in run.log


def test_a_terminal_gets_colours_of_ours_alone(run: Run) -> None:
    text = run.seen.decode()
    for sequence in re.findall(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)", text):
        assert re.fullmatch(r"\x1b\[(?:[0-9;]*m|\?25[lh]|[0-9]*[AK]|2K)", sequence), repr(sequence)
    assert obeyed(text) <= set("\x1b\r")
    assert "\x1b[2J" not in text and "\x1b]0;" not in text
    assert "\\x1b]0;pwned" in text.replace("\r\n", "").replace(" ", ""), "it is shown as what it is"


def test_a_job_s_log_has_our_commands_alone(run: Run) -> None:
    assert obeyed(run.log) == set()
    commands = [line for line in run.log.splitlines() if line.lstrip().startswith(("::", "##["))]
    assert commands
    assert all(line.startswith("::error file=paying.yaml,line=") for line in commands)
    assert len(commands) <= 10


@pytest.mark.parametrize("name", ["ackord-summary.md", "ackord-pr-comment.md", "../step.md"])
def test_markdown_has_our_structure_alone(run: Run, name: str) -> None:
    text = run.text(name)
    assert obeyed(text) == set()
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    flat = [inner for token in tokens for inner in [token, *(token.children or [])]]
    assert not [token for token in flat if token.type in ("image", "link_open")]
    headings = [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open"]
    assert headings and not [heading for heading in headings if "pwned" in heading]
    for token in flat:
        if token.type in ("html_block", "html_inline"):
            tags = set(re.findall(r"</?([a-z]+)", token.content))
            assert tags <= {"details", "summary"} and token.content.count("<!--") <= 1, token.content
    assert text.count("<!-- ackord: paying -->") == (1 if "comment" in name else 0)
    assert not re.search(r"^<!-- ackord: other", text, re.MULTILINE)
    outside = re.sub(r"^(```+).*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert not re.search(r"(?<!\\)@everyone", outside), "nobody is called"


def test_machines_read_what_was_written(run: Run) -> None:
    cases = ET.fromstring(run.text("junit.xml")).iter("testcase")
    assert sum(1 for case in cases if case.find("failure") is not None) >= 1
    sarif = json.loads(run.text("ackord.sarif"))
    PublishedSarif.model_validate(sarif)
    messages = [r["message"]["text"] for r in sarif["runs"][0]["results"]]
    assert obeyed("".join(messages)) == set()
    quality = json.loads(run.text("ackord-code-quality.json"))
    assert obeyed("".join(issue["description"] for issue in quality)) == set()
    ctrf = json.loads(run.text("ackord-ctrf.json"))
    assert obeyed("".join(t.get("message", "") for t in ctrf["results"]["tests"])) == set()
    assert obeyed(run.text("junit.xml")) == set()


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_a_page_has_no_element_of_theirs(run: Run) -> None:
    for path in (run.folder / "out").rglob("*.html"):
        tags = _Tags()
        tags.feed(path.read_text())
        assert not [attributes for tag, attributes in tags.found if any(name.startswith("on") for name in attributes)]
        assert not [tag for tag, attributes in tags.found if tag == "img" or "evil.example" in str(attributes)]


def test_the_evidence_stays_small(run: Run) -> None:
    size = sum(path.stat().st_size for path in (run.folder / "out").rglob("*") if path.is_file())
    assert size < 10 << 20, f"{size:,} bytes"  # most of it is the script of the page

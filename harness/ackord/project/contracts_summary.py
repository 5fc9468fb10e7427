"""Sums up runs of several contracts: one table, one exit code, and three files beside the folders of their evidence."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import unwritable
from ..masking import mask_bytes
from ..report.exit_code import worst_exit_code
from ..report.files import json_bytes, write_file
from ..report.format import count, printable
from ..report.github import VARIABLE
from ..report.markdown import LIMIT_BYTES, escaped
from ..report.pr_comment import FILE_NAME as COMMENT_FILE
from ..report.pr_comment import LIMIT_CHARACTERS

__all__ = [
    "SUMMARY_FILE",
    "ContractOutcome",
    "printed",
    "render_comment",
    "summary_bytes",
    "write_summary",
]

SUMMARY_FILE = "ackord-contracts.json"
_MARKDOWN_FILE = "ackord-contracts.md"
_MARKER = "<!-- ackord: contracts -->"


class ContractOutcome(NamedTuple):
    """What came of one contract."""

    name: str
    contract: str
    exit_code: int
    sentence: str
    """What is to be read of it, on one line."""
    evidence: Path
    repeat: str = ""


def summary_bytes(outcomes: Sequence[ContractOutcome], folder: Path, missing: Sequence[str] = ()) -> bytes:
    """Return the content of ``ackord-contracts.json``, with paths relative to ``folder``. ``missing``: those that were
    not judged.
    """
    return json_bytes(_to_json(outcomes, folder, missing))


def _to_json(outcomes: Sequence[ContractOutcome], folder: Path, missing: Sequence[str]) -> dict[str, Any]:
    return {
        "schema": "ackord-contracts/v1",
        "exit_code": worst_exit_code(outcome.exit_code for outcome in outcomes),
        "contracts": [
            {
                "name": outcome.name,
                "contract": outcome.contract,
                "exit_code": outcome.exit_code,
                "sentence": outcome.sentence,
                "result": os.path.relpath(outcome.evidence / "result.json", folder),
                "repeat": outcome.repeat,
            }
            for outcome in outcomes
        ],
        "not_judged": list(missing),
    }


def _closing_line(outcomes: Sequence[ContractOutcome], missing: Sequence[str]) -> str:
    good, total = sum(outcome.exit_code == 0 for outcome in outcomes), len(outcomes) + len(missing)
    code = 130 if missing else worst_exit_code(outcome.exit_code for outcome in outcomes)
    return f"{good} of {count(total, 'contract')} held. Exit code {code}."


def render_comment(outcomes: Sequence[ContractOutcome], missing: Sequence[str] = ()) -> str:
    """Return the body of a comment on a pull request: the table, and each contract's own comment as far as it fits."""
    body = f"{_MARKER}\n### Ackord\n\n**{escaped(_closing_line(outcomes, missing))}**\n\n{_table(outcomes, missing)}"
    left_out = 0
    for outcome in outcomes:
        try:
            own = (outcome.evidence / COMMENT_FILE).read_text(encoding="utf-8").partition("\n")[2]
        except OSError:
            continue
        part = f"\n<details><summary>{escaped(outcome.name)}</summary>\n\n{own}\n</details>\n"
        if len(body) + len(part) > LIMIT_CHARACTERS - 200:
            left_out += 1
        else:
            body += part
    return body + (f"\n{count(left_out, 'contract')} more in the evidence\n" if left_out else "")


def _table(outcomes: Sequence[ContractOutcome], missing: Sequence[str]) -> str:
    rows = [f"| {escaped(o.name)} | {o.exit_code} | {escaped(o.sentence)} |\n" for o in outcomes]
    rows += [f"| {escaped(name)} | | not judged |\n" for name in missing]
    return "| contract | exit code | |\n|---|---|---|\n" + "".join(rows)


def write_summary(outcomes: Sequence[ContractOutcome], folder: Path, missing: Sequence[str] = ()) -> None:
    """Write the summary as JSON, as Markdown and as a comment's body into ``folder``, and the Markdown to what
    ``$GITHUB_STEP_SUMMARY`` names, where it fits. ``missing``: those that were not judged. Raises ``FileError``.
    """
    head = f"## Ackord: contracts\n\n**{escaped(_closing_line(outcomes, missing))}**\n\n"
    markdown = f"{head}{_table(outcomes, missing)}\n".encode("utf-8", "backslashreplace")
    write_file(folder / SUMMARY_FILE, summary_bytes(outcomes, folder, missing), masked=True)
    write_file(folder / _MARKDOWN_FILE, markdown)
    write_file(folder / COMMENT_FILE, render_comment(outcomes, missing).encode("utf-8", "backslashreplace"))
    if name := os.environ.get(VARIABLE):
        _append(Path(name), mask_bytes(markdown))


def _append(path: Path, text: bytes) -> None:
    try:
        if (path.stat().st_size if path.exists() else 0) + len(text) <= LIMIT_BYTES:
            with path.open("ab") as file:
                file.write(text)
    except OSError as error:
        raise unwritable(path, "the summary", error, mend=f"unset {VARIABLE}") from error


def printed(outcomes: Sequence[ContractOutcome]) -> list[str]:
    """Return the lines for a terminal: one for each contract, and the last line."""
    width = max(len(outcome.name) for outcome in outcomes)
    lines = [f"{o.name:<{width}}  {printable(o.sentence)}  {o.evidence}" for o in outcomes]
    return ["", *lines, _closing_line(outcomes, ())]

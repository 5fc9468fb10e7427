"""Writes ``ackord-pr-comment.md``, the body of a comment on a pull request: result, causes, and a collapsed table."""

from __future__ import annotations

import re

from ..core.result import CampaignResult
from .campaign_summary import BrokenGuarantee, broken_by_cause, closing_sentence, gaps, rows
from .format import count
from .markdown import escaped, fenced, table
from .missing_evidence import next_steps

__all__ = ["FILE_NAME", "LIMIT_CHARACTERS", "comment", "render"]

FILE_NAME = "ackord-pr-comment.md"
LIMIT_CHARACTERS = 65_536
"""What GitHub takes of a comment."""
_LISTED = 5
_LONGEST = 300


def render(result: CampaignResult) -> bytes:
    """Return the file's content."""
    return comment(result).encode("utf-8", "backslashreplace")


def comment(result: CampaignResult) -> str:
    """Return the comment. Its first line is invisible, and the same for a contract in every run: a script finds by it
    the comment that it is to replace. A table that is too long is left out.
    """
    head = (
        f"<!-- ackord: {re.sub('[^A-Za-z0-9._]', '-', result.contract)} -->\n"
        f"### Ackord: {escaped(result.contract)}\n\n**{escaped(closing_sentence(result))}**\n"
    )
    listed = [_broken(group) for group in broken_by_cause(result)] + [f"- {escaped(_cut(g))}\n" for g in gaps(result)]
    if len(listed) > _LISTED:
        listed[_LISTED:] = [f"- and {len(listed) - _LISTED} more, in the summary and in the evidence\n"]
    body = head + ("\n" + "".join(listed) if listed else "")
    body += "".join(f"\n**Next:** {escaped(step)}\n" for step in next_steps(result))
    foot = "\nRepeat with\n\n" + fenced(result.repeat, "sh")
    title = f"{count(len(rows(result)), 'guarantee')} under {count(len(result.profiles), 'profile')}"
    details = f"\n<details><summary>{title}</summary>\n\n{table(result)}\n</details>\n"
    return body + (details if len(body + details + foot) <= LIMIT_CHARACTERS else "") + foot


def _broken(group: list[BrokenGuarantee]) -> str:
    cause, *follows = group
    said = f": {escaped(_cut(cause.finding.summary))}" if cause.finding is not None else ""
    under = escaped(_cut(", ".join(cause.labels)))
    names = ", ".join(f"`{b.guarantee}`" for b in follows[:_LISTED])
    more = f" and {len(follows) - _LISTED} more" if len(follows) > _LISTED else ""
    tail = f"; from it follow {names}{more}" if follows else ""
    return f"- **{cause.verdict.result.value}** `{cause.guarantee}` under {under}{said}{tail}\n"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."

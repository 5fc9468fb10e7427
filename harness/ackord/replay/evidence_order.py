"""Find an order in a run's evidence: its journal, its finding, and the contract that it was judged by."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..contract.loading.loader import contract_names, shipped
from ..core.event import Begin, CallbackReceived, Complete, LedgerRead, Movement, OrderIntent
from ..core.history import History
from ..core.statement_events import StatedLine
from ..core.verdict import Finding
from ..errors import UnknownNameError, UsageError
from ..guarantees import GUARANTEES
from ..record.journal import read_journal
from ..run.evidence import CONTRACT_FILE
from ..run.judging import judge_run
from ..workload.openapi_check import ApiDocument

__all__ = ["RecordedOrder", "contract_of", "history_of_order", "orders_by_run"]


@dataclass(frozen=True, slots=True)
class RecordedOrder:
    """An order of a run, with the finding about it."""

    journal: Path
    history: History
    """Of the whole run."""
    number: str
    finding: Finding


def orders_by_run(
    folder: Path, number: str = "", *, guarantee: str = "", document: ApiDocument | None = None
) -> Iterator[list[RecordedOrder]]:
    """Yield the orders that broke a guarantee in the evidence folder of a run, one list for each profile that has any:
    at least one list, none empty, all of the same guarantee.

    ``number``: the only order that is meant; empty: any. ``guarantee``: the one that it broke; empty: the first with a
    finding that does not follow from another one.

    Raises ``UsageError`` for a folder without evidence, an order that is not there or broke nothing, and a drill;
    ``FileError`` or ``JournalError`` for a journal that cannot be read.
    """
    if guarantee:
        GUARANTEES.get(guarantee)
    journals = sorted(folder.glob("*/journal.jsonl")) or sorted(folder.glob("journal.jsonl"))
    if not journals:
        raise UsageError(
            f"{folder} holds no evidence of a run.\n  expected: the folder that `ackord certify` wrote (the line "
            "`evidence` of its output), or a scenario, a YAML file"
        )
    seen: list[str] = []
    broken = ""
    for journal in journals:
        history = read_journal(journal)
        numbers = _numbers(history)
        seen += numbers
        if number and number not in numbers:
            continue
        _refuse_drill(journal, history)
        found = _findings(history, number, broken or guarantee, document)
        if found:
            broken = found[0].guarantee
            yield [RecordedOrder(journal, history, finding.order, finding) for finding in found]
        elif number:
            broke = f"did not break {guarantee}" if guarantee else "broke no guarantee"
            raise UsageError(
                f"the order {number} {broke} in {journal}, so there is nothing to replay.\n"
                "  mend: take an order that a finding names (ackord audit -v), or another --guarantee"
            )
    if broken:
        return
    if number:
        raise UnknownNameError(f"order of {folder}", number, _broken_first(folder, journals, seen))
    raise UsageError(
        f"no order in {folder} broke {guarantee or 'a guarantee'}, so there is nothing to replay.\n"
        "  mend: ackord audit shows what was judged"
    )


def _broken_first(folder: Path, journals: Sequence[Path], seen: Sequence[str]) -> list[str]:
    """Return some order numbers to choose from: a run has thousands, and only those with findings can be meant."""
    broken = {f.order for journal in journals for g in judge_run(read_journal(journal)).guarantees for f in g.findings}
    return sorted(broken)[:8] or list(seen[:8])


def _numbers(history: History) -> list[str]:
    return list(dict.fromkeys(e.order for e in history.events if isinstance(e, Begin | Movement) and e.order))


def _refuse_drill(journal: Path, history: History) -> None:
    if history.header.subject != "provider":
        raise UsageError(
            f"{journal} is of a drill: the merchant's own program decides what it sends next, so an order of it cannot "
            f"be replayed without that program.\n  mend: repeat the drill: {history.header.command}"
        )


def _findings(history: History, number: str, guarantee: str, document: ApiDocument | None) -> list[Finding]:
    """Return the findings of the first guarantee that has one that stands for itself, or else of the first broken."""
    judged = history_of_order(history, number) if number else history
    findings = [
        f
        for g in judge_run(judged, document).guarantees
        for f in g.findings
        if number in ("", f.order) and guarantee in ("", f.guarantee)
    ]
    first = min(findings, key=lambda f: (_of_statement(f), bool(f.follows_from)), default=None)
    if first is not None and _of_statement(first):
        raise UsageError(
            f"{first.guarantee} is judged by readings of the statement, and none is read when one order is played "
            f"again.\n  mend: repeat the run: {history.header.command}"
        )
    same = [f for f in findings if first is not None and f.guarantee == first.guarantee]
    return [f for f in same if not f.follows_from] or same


def _of_statement(finding: Finding) -> bool:
    return finding.guarantee in GUARANTEES and GUARANTEES.get(finding.guarantee).needs_statement


def history_of_order(history: History, number: str) -> History:
    """Return the projection of a run on one order: its own events, and all that is about no order."""
    ops = {e.op for e in history.events if isinstance(e, Begin) and e.order == number}
    own = (Begin, Movement, CallbackReceived, OrderIntent, StatedLine)

    def belongs(event: object) -> bool:
        if isinstance(event, own):
            return event.order == number
        if isinstance(event, LedgerRead):
            return event.order in ("", number)
        return not isinstance(event, Complete) or event.op in ops

    return History(history.header, [e for e in history.events if belongs(e)], complete=history.complete)


def contract_of(order: RecordedOrder, given: str = "") -> str:
    """Return the contract to replay an order with, a name or a path: ``given``, or else the one of the run's command
    where it still is, or else the copy beside the evidence.

    Raises ``UsageError`` if there is none.
    """
    found = next(_contracts(order, given), "")
    if not found:
        raise UsageError(
            f"the contract of {order.journal} is not here: it is no shipped one, the run's command names no file that "
            f"is here, and there is no {CONTRACT_FILE} beside it.\n  mend: give it with --contract"
        )
    return found


def _contracts(order: RecordedOrder, given: str) -> Iterator[str]:
    if given:
        yield given
    words = shlex.split(order.history.header.command)
    named = words[2] if words[:2] == ["ackord", "certify"] and len(words) > 2 else ""
    if "--contract" in words[:-1]:
        named = words[words.index("--contract") + 1]
    for name in (named, order.history.header.contract):
        if name in contract_names("contracts"):
            yield name
        elif Path(name).suffix in (".yaml", ".yml") and Path(name).is_file():
            path = Path(name).resolve()
            yield path.stem if path.parent == shipped("contracts").resolve() else str(path)
    copy = order.journal.resolve().parent.parent / CONTRACT_FILE
    if copy.is_file():
        yield str(copy)

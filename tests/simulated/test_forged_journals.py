"""A journal that was edited and whose hashes were all made anew is refused by what must agree; the real one is judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ackord.contract.loading.loader import load_contract
from ackord.core.clock import SECOND
from ackord.core.event import Begin, Complete, Event, LedgerRead, Movement
from ackord.core.history import RunHeader
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import PaymentState
from ackord.errors import FileError
from ackord.record.journal import JournalWriter
from ackord.run import journal_parts
from ackord.run.audit import audit_recordings
from ackord.run.evidence import CONTRACT_FILE, contract_digest, keep_contract

from .worlds import do, world

Events = list[Event]


@pytest.fixture(autouse=True, params=["in memory", "in parts"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How journals are judged: small ones as a whole, big ones in parts."""
    if request.param == "in parts":
        monkeypatch.setattr(journal_parts, "BIG_BYTES", 0)
    return str(request.param)


def recorded(flaw: str = "") -> tuple[RunHeader, Events]:
    """A small run with three orders, a query for one that nobody submitted, and the ledger at its end."""
    w = world(flaw)
    stranger = w.create_order(100)
    do(w, stranger, stranger.query())
    for amount in (100, 200, 300):
        order = w.create_order(amount)
        do(w, order, order.submit())
        w.wait(2 * SECOND)
        do(w, order, order.query())
    for number in (1, 2):
        payment = w.orders[number].payment
        w.recorder.add(
            Movement(w.clock.now_ns(), "main", payment.order_no, f"m{number}", payment.amount_minor, "payout")
        )
    w.recorder.add(LedgerRead(w.clock.now_ns(), 2))
    header = replace(w.header, contract_sha256=contract_digest(load_contract("reference")), tool="test")
    return header, list(w.recorder.events)


def write(folder: Path, header: RunHeader, events: Events) -> Path:
    path = folder / "none" / "journal.jsonl"
    writer = JournalWriter(path, header)
    for event in events:
        writer.add(event)
    writer.close()
    keep_contract(load_contract("reference"), folder)
    return path


def without(events: Events, dropped: Callable[[Event], bool]) -> Events:
    return [event for event in events if not dropped(event)]


def is_not_found(event: Event) -> bool:
    return isinstance(event, Complete) and event.observation is Observation.NOT_FOUND


def reading_changed(events: Events) -> Events:
    return [
        e._replace(observation=Observation.STATUS, outcome=Outcome.OK, state=PaymentState.SUCCEEDED)
        if isinstance(e, Complete) and is_not_found(e)
        else e
        for e in events
    ]


def amount_changed(events: Events) -> Events:
    return [e._replace(amount_minor=7) if isinstance(e, Complete) and e.amount_minor == 200 else e for e in events]


def missed_operations(events: Events) -> set[int]:
    return {e.op for e in events if isinstance(e, Complete) and is_not_found(e)}


def answers_dropped(events: Events) -> Events:
    return without(events, is_not_found)


def answers_dropped_with_their_requests(events: Events) -> Events:
    gone = missed_operations(events)
    return without(events, lambda e: isinstance(e, Begin | Complete) and e.op in gone)


def provider_s_side_dropped(events: Events) -> Events:
    gone = missed_operations(events)
    return without(events, lambda e: isinstance(e, Begin | Complete) and e.vantage is Vantage.PROVIDER and e.op in gone)


def begin_moved(events: Events) -> Events:
    last = max(e.op for e in events if isinstance(e, Begin))
    return [e._replace(at_ns=e.at_ns - 60 * SECOND) if isinstance(e, Begin) and e.op == last else e for e in events]


def begin_moved_behind_its_end(events: Events) -> Events:
    return [e._replace(at_ns=e.at_ns + 60 * SECOND) if isinstance(e, Begin) and e.op == 3 else e for e in events]


def payload_changed_at_the_provider(events: Events) -> Events:
    return [
        e._replace(fingerprint="0" * 16)
        if isinstance(e, Begin) and e.vantage is Vantage.PROVIDER and e.kind is OperationKind.SUBMIT
        else e
        for e in events
    ]


def second_movement_dropped(events: Events) -> Events:
    return without(events, lambda e: isinstance(e, Movement) and e.movement_id == "m2")


def movements_dropped(events: Events) -> Events:
    return without(events, lambda e: isinstance(e, Movement))


FORGERIES: dict[Callable[[Events], Events], str] = {
    reading_changed: "the contract as NOT_FOUND",
    amount_changed: "the journal reads its answer as",
    answers_dropped: "never ends",
    answers_dropped_with_their_requests: "is missing",
    provider_s_side_dropped: "never reached the provider",
    begin_moved: "60 s before|before it",
    begin_moved_behind_its_end: "before the merchant began it|before it began",
    payload_changed_at_the_provider: "another one at the provider",
    second_movement_dropped: "had 2 movements, and 1 stand before it",
    movements_dropped: "had 2 movements, and 0 stand before it",
}


def test_a_journal_as_it_was_written_is_judged(tmp_path: Path, way: str) -> None:
    result = audit_recordings([write(tmp_path, *recorded())])
    assert all(note.startswith("reports show") for note in result.profiles[0].verdict.notes)
    assert bool(result.profiles[0].verdict.notes) is (way == "in parts")
    assert result.exit_code in (0, 3)


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forged_journal_is_refused(forge: Callable[[Events], Events], tmp_path: Path) -> None:
    header, events = recorded()
    forged = forge(events)
    assert forged != events
    with pytest.raises(FileError, match=FORGERIES[forge]) as error:
        audit_recordings([write(tmp_path, header, forged)])
    assert error.value.line is not None


def test_promises_that_are_not_the_contract_s_are_refused(tmp_path: Path) -> None:
    header, events = recorded()
    lenient = replace(header, promises=replace(header.promises, has_ledger=False))
    with pytest.raises(FileError, match="promises otherwise than its contract"):
        audit_recordings([write(tmp_path, lenient, events)])


def test_another_contract_beside_the_journal_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, *recorded())
    copy = tmp_path / CONTRACT_FILE
    copy.write_text(copy.read_text() + "\n# more\n")
    with pytest.raises(FileError, match="not the contract of"):
        audit_recordings([path])


def test_without_the_contract_it_is_said_that_nothing_was_read_again(tmp_path: Path) -> None:
    header, events = recorded()
    path = write(tmp_path, replace(header, contract="elsewhere", contract_sha256="0" * 64), events)
    (tmp_path / CONTRACT_FILE).unlink()
    note = audit_recordings([path]).profiles[0].verdict.notes[0]
    assert "its contract is not here" in note

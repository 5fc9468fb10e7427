"""Turn recorded traffic (HAR) into a history that the guarantees judge as they judge a run.

A recording proves what this merchant sent and was told. A hop between the recorder and the provider may have made an
answer up, delayed it, or delivered a request twice, and the recording cannot tell. What nobody did in it (asking at
once, sending again) was not tested. The verdict's notes say so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from ..contract.codec.codec import HttpResponse, Interpretation, LedgerPage, LedgerRow, Payment, ResponseContext
from ..contract.codec.ledger_rows import rows_repeated
from ..contract.codec.request_parser import ParsedRequest
from ..contract.loading.loader import LoadedContract
from ..core.event import Begin, Complete, Event, LedgerRead, Movement
from ..core.history import History, RunHeader
from ..core.operation import ORDER_OPERATIONS, WRITES, Observation, OperationKind, Outcome, Vantage
from ..core.payment_state import PaymentState
from .external_sort import ExternalSort
from .har import HarEntry, har_entries
from .redaction import redacted_answer
from .request_reading import RequestReading, first_value

__all__ = ["HarRecording", "RecordedTraffic", "read_recording"]

_Understood = tuple[HarEntry, ParsedRequest]

_VANTAGE = (
    "recorded on the merchant's side: it shows what this merchant sent and was told."
    " A hop on the way could have made up an answer, and is charged to the provider",
    "what this merchant did not do was not tested: HELD speaks of the occasions in the recording alone",
)


class RecordedTraffic(NamedTuple):
    """A recording as a history, with notes on its limits."""

    history: History
    notes: tuple[str, ...]


def read_recording(
    path: Path, loaded: LoadedContract, *, command: str = "", options: Mapping[str, Any] | None = None
) -> RecordedTraffic:
    """Read a HAR with a contract. Raises ``FileError`` for a file that is no HAR."""
    with HarRecording(path, loaded, command=command, options=options) as recording:
        events = list(recording.events())
        return RecordedTraffic(History(recording.header, events), recording.notes())


class HarRecording:
    """A HAR as events, of which memory holds few at a time; used as a context.

    A file's entries may stand in any sequence, and a query by the provider's identifier may be recorded before the
    answer that tells whose it is. So what the contract knows is sorted first, on disk if it is much, and read twice.
    What grows with the recording is two texts for each order, and the identifiers of a ledger's movements.
    """

    def __init__(
        self,
        path: Path,
        loaded: LoadedContract,
        *,
        command: str = "",
        options: Mapping[str, Any] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Read the file to its end. ``progress`` is told how many bytes are read. Raises ``FileError`` for a file that
        is no HAR.
        """
        self.header = RunHeader(
            contract=loaded.contract.provider,
            profile="recorded",
            subject="provider",
            vantage=Vantage.MERCHANT,
            seed=0,
            promises=loaded.codec.promises,
            command=command,
            options={"currency": loaded.contract.currency, **(options or {})},
        )
        self._reader = _TrafficReader(loaded)
        self._unusable: Counter[str] = Counter()
        self._entries = 0
        try:
            for entry in har_entries(path, self._unusable, progress):
                self._entries += 1
                self._reader.add(entry)
        except BaseException:
            self._reader.close()
            raise

    @property
    def most_events(self) -> int:
        """About how many events there will be, without the movements."""
        return 2 * len(self._reader.exchanges)

    def events(self) -> Iterator[Event]:
        """Yield the events in the sequence of their recording; once."""
        return self._reader.events()

    def notes(self) -> tuple[str, ...]:
        """Return what the recording can prove, and what was left out of it; after the events."""
        entries = self._entries + self._unusable.total()
        done = f"{self._reader.last_op} of {entries} entries are operations of the contract"
        left_out = sorted((self._unusable + self._reader.left_out).items())
        return (*_VANTAGE, done, *(f"{count} left out: {reason}" for reason, count in left_out))

    def __enter__(self) -> HarRecording:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._reader.close()


class _TrafficReader:
    """Reads the entries of one recording."""

    def __init__(self, loaded: LoadedContract) -> None:
        self._codec = loaded.codec
        self._contract = loaded.contract
        self._requests = RequestReading(loaded)
        self._numbers: dict[str, str] = {}
        """Order numbers by the provider's identifiers."""
        self._ids: dict[str, str] = {}
        self._submitted: Counter[str] = Counter()
        self._others: defaultdict[OperationKind, Counter[str]] = defaultdict(Counter)
        """Requests of other kinds than submits, by order number."""
        self._pages: ExternalSort[_Understood] = ExternalSort()
        """Pages of the ledger."""
        self.exchanges: ExternalSort[_Understood] = ExternalSort()
        """Operations of orders."""
        self.left_out: Counter[str] = Counter()
        self.last_op = 0

    def add(self, entry: HarEntry) -> None:
        """Take an entry, in any sequence."""
        asked = self._requests.read(entry.request)
        if asked is None:
            self.left_out["no operation of the contract"] += 1
        elif asked.operation in ORDER_OPERATIONS:
            self.exchanges.add(entry.begin_ns, (entry, asked))
        elif asked.operation == OperationKind.LEDGER:
            self._pages.add(entry.begin_ns, (entry, asked))
        else:
            self.left_out[f"a call of the {asked.operation.replace(':', ' ')}"] += 1

    def events(self) -> Iterator[Event]:
        """Yield the events of the entries taken, sorted by begin, and then the ledger's."""
        # A query by the provider's identifier may be recorded before the answer that tells whose it is, so answers are
        # learnt from first.
        for entry, asked in self.exchanges:
            if asked.operation == OperationKind.SUBMIT and entry.answer is not None:
                self._learn(entry.answer, self._requests.payment(entry.request, asked, self._numbers))
        for entry, asked in self.exchanges:
            yield from self._exchange(entry, asked)
        yield from self._movements()

    def close(self) -> None:
        """Free the disk."""
        self.exchanges.close()
        self._pages.close()

    def _learn(self, answer: HttpResponse, payment: Payment) -> None:
        reading = self._codec.read(OperationKind.SUBMIT, answer, ResponseContext(payment.order_no))
        if reading.provider_id is not None and reading.observation in (Observation.ACK, Observation.DUPLICATE):
            self._numbers.setdefault(reading.provider_id, payment.order_no)
            self._ids.setdefault(payment.order_no, reading.provider_id)

    def _exchange(self, entry: HarEntry, asked: ParsedRequest) -> Iterator[Event]:
        payment = self._requests.payment(entry.request, asked, self._numbers)
        number, account = payment.order_no, payment.account
        if not number:
            self.left_out["a query whose order is not known"] += 1
            return
        kind = OperationKind(asked.operation)
        write = kind in WRITES
        attempts = self._submitted if kind is OperationKind.SUBMIT else self._others[kind]
        attempts[number] += 1
        if kind is OperationKind.SUBMIT and attempts[number] > 1:
            kind = OperationKind.RESUBMIT
        refund = self._requests.refund(asked, payment)
        self.last_op += 1
        op = self.last_op
        known = account if account in self._contract.accounts else self._contract.owner
        yield Begin(
            entry.begin_ns, Vantage.MERCHANT, op, 0, kind, account, number, attempts[number],
            self._codec.fingerprint(payment._replace(account=known)) if write else "",
            (refund.amount_minor or None if refund else payment.amount_minor) if write else None, "",
            payment.currency if write else "", payment.payee if write else "", refund.number if refund else "",
        )  # fmt: skip
        if entry.answer is None:
            yield _unanswered(entry, op, "no answer was recorded")
            return
        reading = self._codec.read(kind, entry.answer, ResponseContext(number, self._ids.get(number)))
        if reading.observation is Observation.DEFERRED:
            yield _unanswered(entry, op, "its result came by a callback, which is not in the recording")
        else:
            yield _completed(entry, op, reading, entry.answer, self._contract.redact)

    def _movements(self) -> Iterator[Event]:
        """Read pages of the ledger. It was read to its end if a last page follows from a first one."""
        readings: dict[tuple[str, str], _LedgerReading] = {}
        folded = {number.casefold() for number in self._submitted}
        # What one account is shown says nothing of the others' movements: then a missing one proves nothing.
        alone = len({self._requests.account(entry.request, asked.values) for entry, asked in self._pages}) == 1
        for entry, asked in self._pages:
            account = self._requests.account(entry.request, asked.values)
            number = first_value(asked.values, "order_no", "order_no.uuid")
            cursor = first_value(asked.values, "cursor") or None
            if cursor == self._codec.ledger_start:
                cursor = None
            if entry.answer is None:
                continue
            page = self._codec.read_ledger_page(entry.answer, account, self._numbers, cursor=cursor)
            reading = readings.setdefault((account, number), _LedgerReading())
            whole, problem = reading.add(page, cursor, entry.begin_ns)
            # A number that differs from a submitted one in its letters' case alone was submitted by nobody.
            moved = [row._replace(order_no=row.order_no or number) for row in page.rows]
            moved = [row for row in moved if row.order_no.casefold() in folded]
            for row in moved:
                yield Movement(
                    entry.complete_ns, row.account, row.order_no, row.movement_id, row.amount_minor, row.kind,
                    row.currency, row.refund_no,
                )  # fmt: skip
            if problem:
                yield LedgerRead(entry.complete_ns, 0, problem, order=number)
            elif whole:
                yield LedgerRead(
                    entry.complete_ns, len(moved), began_ns=reading.began_ns if alone else None, order=number
                )


class _LedgerReading:
    """One account's latest reading of a ledger, page by page."""

    def __init__(self) -> None:
        self.began_ns = 0
        self._following: str | None = None
        self._ids: set[str] = set()
        self._known: set[str] = set()
        self._before: tuple[LedgerRow, ...] = ()

    def add(self, page: LedgerPage, cursor: str | None, begin_ns: int) -> tuple[bool, str]:
        """Add a page; return whether the reading has now come to its end, and why the page cannot be used, if so."""
        follows = cursor is None or self._following == cursor
        if cursor is None:
            self.began_ns, self._ids, self._known, self._before = begin_ns, set(), set(), ()
        problem = page.problem
        fresh = page.rows[rows_repeated(self._before, page.rows) :] if follows else page.rows
        twice = next((row.movement_id for row in fresh if follows and row.movement_id in self._known), None)
        if not problem and not page.ids and twice is not None:
            problem = f"the ledger cannot be read: two rows on different pages have one identifier, {twice}"
        whole = not problem and follows and self._ids.isdisjoint(page.ids)
        self._ids |= page.ids
        self._known.update(row.movement_id for row in fresh)
        self._before = page.rows
        self._following = page.next_cursor if whole else None
        return whole and page.next_cursor in (None, cursor), problem


def _completed(entry: HarEntry, op: int, r: Interpretation, a: HttpResponse, fields: Collection[str]) -> Complete:
    kept = redacted_answer(a.status, a.headers, a.body, truncated=a.truncated, fields=fields)
    return Complete(
        entry.complete_ns, Vantage.MERCHANT, op, 0, r.outcome, r.observation, r.state, r.provider_id, r.amount_minor,
        r.detail, kept, r.currency, r.payee,
    )  # fmt: skip


def _unanswered(entry: HarEntry, op: int, why: str) -> Complete:
    return Complete(
        entry.complete_ns, Vantage.MERCHANT, op, 0, Outcome.INFO, None, PaymentState.UNKNOWN, None, None, why, None
    )

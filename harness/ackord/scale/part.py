"""Judges one part of a run: a table with all rows of some of its orders, by the functions that judge any history.

What a judge needs of the run beside these orders is in the ``JudgePlan``, which is made first. Two facts only all
orders tell together (``guarantees/joint_facts.py``). An order whose judgement asks for them is left over, and is judged
when every part was read.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter, itemgetter
from typing import Any

from ..core.event import CallbackReceived, Event, FaultChange, Movement
from ..core.event_index import EventIndex, gc_disabled, latest_read
from ..core.exchange import Exchange
from ..core.history import History, OrderHistory
from ..core.landing import interval_of
from ..core.order_history import UNNAMED, order_history
from ..core.reasons import Rank
from ..core.run_header import RunHeader
from ..core.statement_events import StatedLine
from ..core.statement_readings import STATEMENT
from ..core.usable_answers import FaultSilence
from ..errors import FileError
from ..guarantees.base import Guarantee, JudgeContext, PartialContext
from ..guarantees.joint_facts import JointFacts
from ..guarantees.judge import OrderJudge
from ..guarantees.tally import GuaranteeTally
from .arrow import array_of, numpy, row_numbers
from .event_columns import event_of
from .operations import Operations
from .row_columns import RowColumns
from .run_facts import NumberedEvent, RunFacts

__all__ = [
    "JUDGED_COLUMNS",
    "CutPart",
    "JudgePlan",
    "PartJudgement",
    "in_sequence",
    "judge_part",
    "other_events",
]

_LAST = 1 << 62
_PLAIN = ("begin", "complete", "movement")
_movement = partial(tuple.__new__, Movement)  # skips a check of the length, for one value of every column

JUDGED_COLUMNS = (
    "seq", "e", "at_ns", "order", "vantage", "op", "copy", "kind", "account", "attempt", "fingerprint", "amount_minor",
    "currency", "payee", "node", "refund_no", "variation", "outcome", "observation", "state", "provider_id", "detail",
    "movement_id", "data",
)  # fmt: skip
"""What judging reads: all but the raw answers."""


@dataclass(frozen=True, slots=True)
class JudgePlan:
    """What judging a part needs of the run; it goes to every process."""

    header: RunHeader
    complete: bool
    events: Sequence[Event]
    """Those that belong to no order: phases, faults, readings of the whole ledger."""
    end_ns: int
    """The instant of the last event."""
    varied: bool
    """Whether some request may differ from the usual ones."""
    called: Mapping[str, Sequence[NumberedEvent]] = field(default_factory=dict)
    """By order: the callbacks that name only the provider's identifier of it."""
    first_words: frozenset[str] | None = None
    """What all orders tell together; ``None``: not all were read."""
    first_op: Mapping[str, int] | None = None

    def history(self) -> History:
        """Return the run without its orders."""
        return History(self.header, list(self.events), complete=self.complete)

    @property
    def called_seqs(self) -> frozenset[int]:
        """Return the numbers of the events in ``called``."""
        return frozenset(seq for calls in self.called.values() for seq, _ in calls)

    def context(self, run: History) -> JudgeContext:
        """Return the context of a judgement."""
        whole = self.first_words is not None
        return (JudgeContext if whole else PartialContext)(
            self.header.promises,
            exposure_window_ns=self.header.exposure_window_ns,
            healed_ns=run.healed_ns(),
            end_ns=self.end_ns,
            complete=self.complete,
            first_words=self.first_words or frozenset(),
            first_op=self.first_op or {},
            clock_moves=run.spans_of("clock"),
        )


@dataclass(slots=True)
class PartJudgement:
    """What judging a part gave."""

    tallies: list[GuaranteeTally[Guarantee]]
    joint: JointFacts
    facts: RunFacts
    landings: Any
    """The landing intervals, as an array of (rank, rank, left, right or -1, asked, lost)."""
    left: list[str]
    """Orders that are to be judged when all parts were read."""


def other_events(columns: RowColumns, table: Any) -> list[NumberedEvent]:
    """Return the events of a table that are neither ``begin`` nor ``complete``. Raises ``FileError`` for a row that is
    no event.
    """
    np = numpy()
    moved = np.flatnonzero(columns.is_text("e", "movement"))
    ids, kinds = columns.text_list("movement_id", moved), columns.text_list("kind", moved)
    for texts in (ids, kinds):
        if None in texts:
            raise columns.bad(int(moved[texts.index(None)]), "movement_id or kind is missing")
    fields = [
        columns.known_numbers("at_ns", moved).tolist(),
        columns.text_list("account", moved, null=""),
        columns.text_list("order", moved),
        ids,
        columns.known_numbers("amount_minor", moved).tolist(),
        kinds,
        columns.text_list("currency", moved, null=""),
        columns.text_list("refund_no", moved, null=""),
    ]
    seqs = columns.numbers("seq")[0]
    found: list[NumberedEvent] = list(zip(seqs[moved].tolist(), map(_movement, zip(*fields, strict=True)), strict=True))
    plain = np.isin(columns.codes("e")[0], [i for i, e in enumerate(columns.codes("e")[1]) if e in _PLAIN])
    rare = np.flatnonzero(~plain)
    if not len(rare):
        return found
    told = (
        table.take(row_numbers(rare))
        .select([name for name in ("seq", "e", "at_ns", "data") if columns.has(name)])
        .to_pylist()
    )
    for row, values in zip(rare.tolist(), told, strict=True):
        try:
            found.append((values["seq"], event_of({"data": None, **values})))
        except (KeyError, TypeError, ValueError) as error:
            raise columns.bad(row, f"is no event ({type(error).__name__}: {error})") from error
    found.sort(key=itemgetter(0))
    return found


def in_sequence(table: Any, where: str) -> Any:
    """Return a table with its rows in the sequence of recording. Raises ``FileError`` if two have the same number."""
    if table.column("seq").null_count:
        raise FileError(where, None, "an event has no seq", expected="rows as docs/PARQUET.md says")
    seqs = array_of(table.column("seq"))
    if (seqs[1:] > seqs[:-1]).all():
        return table
    table = table.sort_by("seq")
    seqs = array_of(table.column("seq"))
    if (seqs[1:] == seqs[:-1]).any():
        twice = int(seqs[1:][seqs[1:] == seqs[:-1]][0])
        raise FileError(where, None, f"two events have the number {twice}", expected="rows as docs/PARQUET.md says")
    return table


class CutPart:
    """A table that is cut by order. It has all rows of its orders."""

    def __init__(self, table: Any, plan: JudgePlan, where: str) -> None:
        """``where`` names the table in errors. Raises ``FileError`` for rows that are no events."""
        table = in_sequence(table, where)
        columns = RowColumns(table, where)
        self._plan = plan
        self.run = plan.history()
        self.operations = Operations(columns, plan.header.vantage)
        called = plan.called_seqs
        self.others = [x for x in other_events(columns, table) if x[0] not in called]
        """Events other than ``begin`` and ``complete``, in the sequence of recording."""
        self._index = EventIndex((event for _, event in self.others), plan.header.vantage)

    def chunks(self) -> Iterator[tuple[list[OrderHistory], list[Rank]]]:
        """Return the orders with their ranks, some at a time: then what they are made of is used again and again, and
        stays in the processor's caches.
        """
        asked: set[str] = set()
        for some in self.operations.exchanges():
            orders: list[OrderHistory] = []
            ranks: list[Rank] = []
            for number, seq, exchanges, varied in some:
                asked.add(number)
                orders.append(self._order(number, exchanges, varied=varied))
                ranks.append((0, seq))
            yield orders, ranks
        yield self._never_asked(asked)

    def _order(self, number: str, exchanges: list[Exchange], *, varied: bool) -> OrderHistory:
        index, run = self._index, self.run
        for _, call in self._plan.called.get(number, ()):
            index.callbacks.setdefault(number, []).append(call)  # type: ignore[arg-type]
            index.callbacks[number].sort(key=attrgetter("at_ns"))
        return order_history(
            number,
            exchanges,
            index.movements.get(number, []),
            latest_read(run.ledger_reads_of_all, index.ledger_reads.get(number)),
            index.callbacks.get(number, ()),
            run.clock_advances,
            run.header.promises.key_retention_ns,
            varied=varied,
            lines=index.lines.get(number, ()),
            statements=run.statements,
        )

    def _never_asked(self, asked: Container[str]) -> tuple[list[OrderHistory], list[Rank]]:
        first: dict[tuple[type, str], int] = {}
        for seq, event in self.others:
            if isinstance(event, Movement | CallbackReceived | StatedLine):
                first.setdefault((type(event), event.order), seq)
        orders = list(self._index.orders_never_asked(asked, self.run.ledger_reads_of_all, self.run.statements))
        ranks: list[Rank] = []
        for order in orders:
            if order.number == STATEMENT:
                ranks.append((4, 0))
            elif order.movements:
                ranks.append((1, first[Movement, order.number]))
            elif order.lines:
                ranks.append((3, first[StatedLine, "" if order.number == UNNAMED else order.number]))
            elif order.number == UNNAMED and (CallbackReceived, "") in first:
                ranks.append((2, _LAST))
            else:
                ranks.append((2, first[CallbackReceived, order.number]))
        return orders, ranks


def judge_part(table: Any, plan: JudgePlan, where: str, only: Collection[str] | None = None) -> PartJudgement:
    """Judge the orders of a part. ``only``: these of them, and nothing is counted beside."""
    judge = OrderJudge(plan.header.promises)
    joint, facts = JointFacts(varied=plan.varied), RunFacts()
    landings: list[tuple[int, ...]] = []
    left: list[str] = []
    with gc_disabled():
        part = CutPart(table, plan, where)
        context, final_ns = plan.context(part.run), part.run.settled_ns()
        given_up = part.operations.given_up()
        fired = [e for _, e in part.others if isinstance(e, FaultChange)]
        silence = FaultSilence([*part.run.faults, *fired], lambda x: given_up.get((x.op, x.copy)))
        for orders, ranks in part.chunks():
            if only is not None:
                chosen = [i for i, order in enumerate(orders) if order.number in only]
                left += judge.add([orders[i] for i in chosen], [ranks[i] for i in chosen], context)
                continue
            joint.add(orders, ranks, silence)
            landings += _landings(orders, ranks, final_ns)
            left += judge.add(orders, ranks, context)
        if only is None:
            facts.add_operations(part.operations)
            facts.add_events(part.others)
            if table.num_rows:
                at_ns = array_of(table.column("at_ns"))
                facts.add_time(int(at_ns.min()), int(at_ns.max()))
    for tally in judge.tallies:
        tally.trim()
    found = numpy().array(landings, dtype=numpy().int64).reshape(-1, 6)
    return PartJudgement(judge.tallies, joint, facts, found, left)


def _landings(orders: Sequence[OrderHistory], ranks: Sequence[Rank], final_ns: int | None) -> Iterator[tuple[int, ...]]:
    for order, rank in zip(orders, ranks, strict=True):
        if (found := interval_of(order, final_ns)) is not None:
            right_ns = -1 if found.right_ns is None else found.right_ns
            yield *rank, found.left_ns, right_ns, found.asked_ns, found.lost

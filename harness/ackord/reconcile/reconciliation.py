"""Compares orders with a statement and proves that nothing was lost or doubled on the way.

The proof: the sums of both sides, added up from the inputs alone, equal the sums of the classes, added up from the
classified rows, for each account, currency and way of the money, in numbers and in minor units.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from ..contract.base.extras import library
from ..errors import AckordError, FileError, UsageError, unwritable
from .classes import DIFFERENCES, ReconcileClass
from .columns import text_literal
from .engines import Engine, engine_named, sums_too_large
from .expressions import (
    BACK_KINDS,
    KINDS,
    class_line_totals,
    class_order_totals,
    classified,
    given_twice,
    line_totals,
    order_totals,
    with_several_lines,
)
from .inputs import ReconcileOptions, Sides, late_partitions, sides_of
from .tables import first_line, order_numbers_given_twice

__all__ = ["LineSum", "OrderSum", "Reconciliation", "reconciled"]

CLASSIFIED = "classified.parquet"
_SEVERAL = "several.parquet"


class OrderSum(NamedTuple):
    """What orders add up to, in minor units of one currency."""

    group: str
    """A class; empty for all orders of the side."""
    account: str
    currency: str
    orders: int
    ordered_minor: int
    refunded_minor: int


class LineSum(NamedTuple):
    """What lines add up to, in minor units of one currency."""

    group: str
    """A class; empty for all lines of the side."""
    account: str
    currency: str
    kind: str
    """Of a side: the kind. Of a class: ``paid`` or ``back``."""
    lines: int
    amount_minor: int
    fee_minor: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What was found."""

    engine: str
    is_store: bool
    orders: tuple[OrderSum, ...]
    lines: tuple[LineSum, ...]
    order_classes: tuple[OrderSum, ...]
    line_classes: tuple[LineSum, ...]
    numbers: dict[ReconcileClass, int]
    """How many order numbers (and lines without one) fell into each class."""
    late: int
    """Partitions of the store that have not landed."""
    late_shown: tuple[str, ...]
    rows: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    """The first rows of each class that differs."""

    @property
    def differences(self) -> int:
        return sum(self.numbers.get(found, 0) for found in DIFFERENCES)

    @property
    def compared(self) -> int:
        """Return how many order numbers were compared."""
        return sum(count for found, count in self.numbers.items() if found is not ReconcileClass.OUTSIDE)

    @property
    def exit_code(self) -> int:
        """0: all agree; 1: differences; 3: the statement is not whole, or there was nothing to compare."""
        if self.late or not self.compared:
            return 3
        return 1 if self.differences else 0


@contextmanager
def reconciled(options: ReconcileOptions, *, most_rows: int = 20) -> Iterator[tuple[Reconciliation, Any, Path]]:
    """Yield what was found, a DuckDB connection, and the Parquet file or folder of classified rows (while it is there).

    Raises ``FileError`` and ``UsageError`` for inputs that are wrong, ``EnvironmentFailed`` for an engine or a database
    that cannot be reached.
    """
    with TemporaryDirectory(prefix="ackord-reconcile-") as folder:
        work = Path(folder)
        try:
            sides = sides_of(options, work)
            engine = engine_named(options.engine, sides.duck, work, options.memory_mib)
            try:
                yield _run(options, sides, engine, work, most_rows), sides.duck, work / CLASSIFIED
            finally:
                engine.close()
                sides.duck.close()
        except library("duckdb").Error as error:
            raise _of_duckdb(error) from None
        except OSError as error:
            if isinstance(error, AckordError):
                raise
            raise unwritable(work, "the folder of work", error, mend="set TMPDIR") from None


def _of_duckdb(error: Exception) -> UsageError:
    duckdb = library("duckdb")
    if isinstance(error, duckdb.ConversionException | duckdb.OutOfRangeException):
        return sums_too_large(first_line(error))
    return UsageError(f"the tables cannot be read: {first_line(error)}")


def _run(options: ReconcileOptions, sides: Sides, engine: Engine, work: Path, most_rows: int) -> Reconciliation:
    orders, lines = _relations(options, sides, engine, work)
    _check_unique(options, sides, engine, orders)
    engine.save(with_several_lines(lines, by_account=sides.by_account), work / _SEVERAL)
    several = engine.table(work / _SEVERAL)
    engine.save(classified(orders, lines, several, options.days, by_account=sides.by_account), work / CLASSIFIED)
    found = engine.table(work / CLASSIFIED)
    numbers = {
        ReconcileClass(row["class"]): int(row["numbers"])
        for row in engine.rows(found.group_by("class").aggregate(numbers=found.count()))
    }
    late, shown = late_partitions(sides, options)
    result = Reconciliation(
        options.engine,
        sides.is_store,
        _order_sums(engine.rows(order_totals(orders))),
        _line_sums(engine.rows(line_totals(lines))),
        _order_sums(engine.rows(class_order_totals(found))),
        _line_sums(engine.rows(class_line_totals(found, lines, by_account=sides.by_account))),
        numbers,
        late,
        tuple(shown),
        tuple(_first_rows(sides.duck, work, numbers, most_rows)),
    )
    _prove(result)
    return result


def _relations(options: ReconcileOptions, sides: Sides, engine: Engine, work: Path) -> tuple[Any, Any]:
    found = []
    for name, query in (("orders", sides.orders), ("lines", sides.lines)):
        if engine.backend.name == "duckdb":
            sides.duck.execute(f"CREATE OR REPLACE TEMP VIEW reconcile_{name} AS {query}")
            found.append(engine.backend.table(f"reconcile_{name}"))
        else:
            path = work / f"{name}-side.parquet"
            sides.duck.execute(f"COPY ({query}) TO {text_literal(path)} (FORMAT parquet, COMPRESSION zstd)")
            found.append(engine.table(path))
    return found[0], found[1]


def relation_of(path: Path) -> str:
    """Return the classified rows for DuckDB's ``FROM``: a file, or the folder that Spark wrote."""
    return f"read_parquet({text_literal(path / '*.parquet' if path.is_dir() else path)}, hive_partitioning = false)"


def _check_unique(options: ReconcileOptions, sides: Sides, engine: Engine, orders: Any) -> None:
    """Raise ``FileError`` for an order number that stands twice among the orders."""
    for twice in engine.rows(given_twice(orders, by_account=sides.by_account)):
        account, number = twice["account"], twice["order_no"]
        if sides.order_source is not None:
            raise order_numbers_given_twice(sides.duck, sides.order_source, options.order_form, account, number)
        raise FileError(
            options.orders, None, f"the order number {number!r} stands twice, under several accounts",
            expected="each order once", mend="give a statement that has accounts",
        )  # fmt: skip


def _first_rows(duck: Any, work: Path, numbers: dict[ReconcileClass, int], most_rows: int) -> Iterator[dict[str, Any]]:
    for group in DIFFERENCES:
        if not numbers.get(group):
            continue
        cursor = duck.execute(
            f"SELECT * FROM {relation_of(work / CLASSIFIED)} WHERE class = '{group}' "
            f"ORDER BY account, order_no, net_minor LIMIT {most_rows}"
        )
        names = [column[0] for column in cursor.description]
        yield from (dict(zip(names, row, strict=True)) for row in cursor.fetchall())


def _order_sums(rows: Iterable[dict[str, Any]]) -> tuple[OrderSum, ...]:
    return tuple(
        sorted(
            OrderSum(
                row.get("class", ""), row["account"], row["currency"] or "", int(row["orders"]),
                int(row["ordered_minor"] or 0), int(row["refunded_minor"] or 0),
            )
            for row in rows
        )
    )  # fmt: skip


def _line_sums(rows: Iterable[dict[str, Any]]) -> tuple[LineSum, ...]:
    return tuple(
        sorted(
            LineSum(
                row.get("class", ""), row["account"], row["currency"] or "", row.get("way") or row.get("kind") or "",
                int(row["lines"]), int(row["amount_minor"] or 0), int(row.get("fee_minor") or 0),
            )
            for row in rows
        )
    )  # fmt: skip


def _prove(result: Reconciliation) -> None:
    """Raise ``AckordError`` unless the classes add up to the sides. That would be a fault of Ackord or of an engine."""
    sides = _sums(((r.account, r.currency), (r.orders, r.ordered_minor, r.refunded_minor)) for r in result.orders)
    classes = _sums(
        ((r.account, r.currency), (r.orders, r.ordered_minor, r.refunded_minor)) for r in result.order_classes
    )
    line_sides = _sums(
        ((r.account, r.currency, "back" if r.kind in BACK_KINDS else "paid"), (r.lines, r.amount_minor))
        for r in result.lines
        if r.kind in KINDS
    )
    line_classes = _sums(((r.account, r.currency, r.kind), (r.lines, r.amount_minor)) for r in result.line_classes)
    for what, one, other in (("orders", sides, classes), ("lines", line_sides, line_classes)):
        wrong = next((key for key in sorted(one.keys() | other.keys()) if one.get(key) != other.get(key)), None)
        if wrong is not None:
            raise AckordError(
                f"the classes do not add up to the {what} of {'/'.join(wrong)}: {other.get(wrong)} instead of "
                f"{one.get(wrong)}; this is a fault of Ackord or of {result.engine}, and no result"
            )


def _sums(rows: Iterable[tuple[tuple[str, ...], Sequence[int]]]) -> dict[tuple[str, ...], tuple[int, ...]]:
    found: dict[tuple[str, ...], tuple[int, ...]] = {}
    for key, values in rows:
        before = found.get(key, (0,) * len(values))
        found[key] = tuple(a + b for a, b in zip(before, values, strict=True))
    return found

"""A part is judged by itself; what asks for what all orders tell together is left over."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from ackord.core.clock import SECOND
from ackord.core.event import Movement
from ackord.core.promises import Promises
from ackord.errors import FileError
from ackord.guarantees.judge import judge
from ackord.scale.engines import InProcess, part_files, read_part
from ackord.scale.event_folder import open_folder
from ackord.scale.judging import judge_folder
from ackord.scale.part import judge_part, other_events
from ackord.scale.row_columns import RowColumns
from ackord.scale.survey import survey

from ..guarantees.build import Order, history, order
from .folders import written

BURNT = Promises(settles_within_ns=SECOND)


def burnt(number: str) -> Order:
    one = order(number).submit(0, 1, "RETRYABLE", detail="503")
    return one.resubmit(60, 61, "REJECTED", detail="409 used").resubmit(70, 71, "REJECTED", detail="409 used")


def test_an_order_whose_judgement_asks_for_all_others_is_left_over(tmp_path: Path) -> None:
    told = history(burnt("A"), order("B").submit(0, 1), promises=BURNT, healed=50)
    folder = open_folder(written(told, tmp_path / "events"))
    file = part_files(folder)[0]
    found = judge_part(read_part(file, 1), survey(folder), str(file))
    assert found.left == ["A"] and found.joint.orders == 2
    assert not any(tally.findings for tally in found.tallies)
    verdict = judge_folder(folder, InProcess()).verdict
    assert [f.order for f in verdict.of("order-not-stuck").findings] == ["A"]
    assert repr(verdict) == repr(judge(told))


def test_words_of_another_part_make_a_refusal_an_ordinary_one(tmp_path: Path) -> None:
    others = [order(f"o{i}").submit(0, 1, "REJECTED", detail="409 used") for i in range(20)]
    told = history(burnt("A"), *others, promises=BURNT, healed=50)
    verdict = judge_folder(open_folder(written(told, tmp_path / "events", buckets=8)), InProcess()).verdict
    assert verdict.of("order-not-stuck").findings == () and repr(verdict) == repr(judge(told))


def test_a_file_that_lacks_the_columns_of_other_kinds() -> None:
    """Another program may leave out what no row needs, and a row that needs it is told."""
    rows = {"seq": [1], "e": ["movement"], "at_ns": [5], "order": ["A"], "movement_id": ["m"], "kind": ["payout"]}
    table = pa.table({**rows, "amount_minor": [7]})
    assert other_events(RowColumns(table, "x.parquet"), table) == [(1, Movement(5, "", "A", "m", 7, "payout"))]
    without = table.drop_columns(["movement_id"])
    with pytest.raises(FileError, match=r"x\.parquet: event 1: movement_id or kind is missing"):
        other_events(RowColumns(without, "x.parquet"), without)
    phase = pa.table({"seq": [1], "e": ["phase"], "at_ns": [5], "order": [""]})
    with pytest.raises(FileError, match=r"x\.parquet: event 1: is no event"):
        other_events(RowColumns(phase, "x.parquet"), phase)

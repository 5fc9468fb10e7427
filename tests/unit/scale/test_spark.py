"""What a task of Spark does; test_engines.py judges on a real Spark."""

from __future__ import annotations

import pickle
from pathlib import Path
from types import SimpleNamespace

import pytest

from ackord.errors import FileError
from ackord.scale.engines import InProcess, part_files
from ackord.scale.event_folder import open_folder
from ackord.scale.judging import judge_folder
from ackord.scale.part import JudgePlan
from ackord.scale.spark import _judged, _raised

from .folders import written
from .planted import planted_history


@pytest.fixture
def events(tmp_path: Path) -> Path:
    return written(planted_history(5, 60), tmp_path / "events", buckets=2)


def test_a_task_judges_its_file_as_any_engine_does(events: Path) -> None:
    class Tasks(InProcess):
        def judge(self, folder, plan, only=None):  # type: ignore[no-untyped-def]
            told = SimpleNamespace(value=pickle.dumps(plan))
            some = dict.fromkeys(part_files(folder)) if only is None else only
            jobs = [(file, file.resolve(), orders) for file, orders in some.items()]
            return (_raised(pickle.loads(pickle.dumps(_judged(told, folder.cut_by, job)))) for job in jobs)

    folder = open_folder(events)
    assert repr(judge_folder(folder, Tasks())) == repr(judge_folder(folder, InProcess()))


def test_an_error_comes_back_as_one(events: Path) -> None:
    folder = open_folder(events)
    first, second = part_files(folder)[:2]
    first.write_bytes(second.read_bytes())
    told = SimpleNamespace(value=pickle.dumps(JudgePlan(planted_history(5, 1).header, True, [], 0, False)))
    found = pickle.loads(pickle.dumps(_judged(told, folder.cut_by, (first, first, None))))
    with pytest.raises(FileError, match=r"orders-0000\.parquet: has rows of order .*, which belong into another file"):
        _raised(found)


def test_a_worker_that_does_not_see_the_folder_says_so(events: Path) -> None:
    folder = open_folder(events)
    there = Path("/nowhere") / part_files(folder)[0].name
    told = SimpleNamespace(value=pickle.dumps(JudgePlan(planted_history(5, 1).header, True, [], 0, False)))
    with pytest.raises(
        FileError, match=r"/nowhere/.*\.parquet: the worker of Spark on \S+ has no such file\n  mend: put"
    ):
        _raised(_judged(told, folder.cut_by, (part_files(folder)[0], there, None)))

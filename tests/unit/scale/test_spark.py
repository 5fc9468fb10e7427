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
            jobs = [(file, None) for file in part_files(folder)] if only is None else only.items()
            return (_raised(pickle.loads(pickle.dumps(_judged(told, folder.cut_by, job)))) for job in jobs)

    folder = open_folder(events)
    assert repr(judge_folder(folder, Tasks())) == repr(judge_folder(folder, InProcess()))


def test_an_error_comes_back_as_one(events: Path) -> None:
    folder = open_folder(events)
    first, second = part_files(folder)[:2]
    first.write_bytes(second.read_bytes())
    told = SimpleNamespace(value=pickle.dumps(JudgePlan(planted_history(5, 1).header, True, [], 0, False)))
    found = pickle.loads(pickle.dumps(_judged(told, folder.cut_by, (first, None))))
    with pytest.raises(FileError, match=r"orders-0000\.parquet: has rows of order .*, which belong into another file"):
        _raised(found)

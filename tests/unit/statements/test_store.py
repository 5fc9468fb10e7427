"""A partition lands all or nothing, whatever happens in between; a change is a version; nothing is doubled."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ackord.errors import FileError
from ackord.statements import store as module
from ackord.statements.catalogue import Catalogue
from ackord.statements.lines import PartitionKey, StatementLine
from ackord.statements.store import StatementStore
from ackord.statements.store_views import open_store

from .support import current, key, landed, line


def test_the_same_lines_change_nothing(tmp_path: Path) -> None:
    store = StatementStore(tmp_path / "s", "small")
    first = landed(store, [line(1), line(2)])
    again = landed(store, [line(1), line(2)])
    assert (first.changed, again.changed) == (True, False)
    assert again.version == first.version and first.version.version == 1
    assert len(list((tmp_path / "s" / "lines").rglob("*.parquet"))) == 1


def test_a_late_line_is_a_version_and_the_one_before_stays(tmp_path: Path) -> None:
    store = StatementStore(tmp_path / "s", "small")
    landed(store, [line(1), line(2)])
    late = landed(store, [line(1), line(2, 101), line(3)])
    assert (late.version.version, late.version.added, late.version.removed) == (2, 2, 1)
    connection = open_store(tmp_path / "s")
    assert connection.execute("SELECT count(*) FROM lines").fetchone() == (5,)
    assert [row[1] for row in current(tmp_path / "s")] == ["N-1", "N-2", "N-3"]
    # A statement that goes back to what it was is a version, too: nothing is overwritten.
    back = landed(store, [line(1), line(2)])
    assert (back.version.version, back.version.added, back.version.removed) == (3, 1, 2)


def test_a_partition_without_lines_lands_without_a_file(tmp_path: Path) -> None:
    store = StatementStore(tmp_path / "s", "small")
    empty = landed(store, [])
    assert (empty.changed, empty.version.rows, empty.version.file) == (True, 0, "")
    assert not landed(store, []).changed
    assert landed(store, [line(1)]).version.version == 2
    assert landed(store, []).version.removed == 1
    assert current(tmp_path / "s") == []


def test_what_is_staged_and_not_landed_is_nowhere(tmp_path: Path) -> None:
    store = StatementStore(tmp_path / "s", "small")
    with pytest.raises(RuntimeError), store.stage(key()) as staged:
        staged.add([line(n) for n in range(10)])
        raise RuntimeError
    assert current(tmp_path / "s") == []
    assert not list((tmp_path / "s" / "staging").iterdir())


def test_there_is_one_writer(tmp_path: Path) -> None:
    store = StatementStore(tmp_path / "s", "small")
    with pytest.raises(FileError, match="another process is pulling"):
        StatementStore(tmp_path / "s", "small")
    store.close()
    with pytest.raises(FileError, match="the store holds statements of small"):
        StatementStore(tmp_path / "s", "other")


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(FileError, match="it holds other things"):
        StatementStore(tmp_path, "small")
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_memory_stays_bounded_by_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCH_ROWS", 10)
    store = StatementStore(tmp_path / "s", "small")
    assert landed(store, [line(n) for n in range(25)]).version.rows == 25
    with store.stage(key("other")) as staged:
        for n in range(25):
            staged.add([line(n)])
        split = staged.land(source_sha256="00", landed_at="now")
    assert split.version.digest == store.catalogue.newest(key()).digest  # type: ignore[union-attr]
    positions = open_store(tmp_path / "s").execute("SELECT position FROM current WHERE account = 'other' ORDER BY 1")
    assert [row[0] for row in positions.fetchall()] == list(range(1, 26))


class Killed(BaseException):
    """The process was killed here."""


CRASHES = ["flush", "sync", "move", "catalogue", "none"]


class StoreMachine(RuleBasedStateMachine):
    """Lands, crashes at every step, opens again, lands again: each current line stands exactly once."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp()) / "s"
        self.store = StatementStore(self.folder, "small")
        self.want: dict[PartitionKey, list[StatementLine]] = {}
        self.versions: dict[PartitionKey, int] = {}

    @rule(
        account=st.sampled_from(["a", "b"]),
        numbers=st.lists(st.tuples(st.integers(0, 4), st.integers(1, 2)), max_size=4),
        crash=st.sampled_from(CRASHES),
    )
    def land(self, account: str, numbers: Sequence[tuple[int, int]], crash: str) -> None:
        of, lines = key(account), [line(number, amount) for number, amount in numbers]
        patch = pytest.MonkeyPatch()
        places = {
            "flush": (module.StagedPartition, "_flush"), "sync": (module, "_sync_file"),
            "move": (StatementStore, "move"), "catalogue": (Catalogue, "add"),
        }  # fmt: skip

        def killed(*arguments: object) -> None:
            raise Killed

        if crash != "none":
            patch.setattr(*places[crash], killed)
        # What cleans up in order after an exception does not run after kill -9.
        patch.setattr(module.StagedPartition, "discard", lambda self: None)
        try:
            landing = landed(self.store, lines, of)
        except Killed:
            patch.undo()
            self.store.close()
            self.store = StatementStore(self.folder, "small")
            return
        patch.undo()
        self.versions[of] = self.versions.get(of, 0) + landing.changed
        assert landing.changed == (self.want.get(of) != lines)
        assert landing.version.version == self.versions[of]
        self.want[of] = lines

    @rule()
    def open_again(self) -> None:
        self.store.close()
        self.store = StatementStore(self.folder, "small")

    @invariant()
    def each_line_stands_once(self) -> None:
        if not hasattr(self, "store"):
            return
        want = sorted(
            ((of.account, x.order_no, x.amount_minor, x.raw) for of, lines in self.want.items() for x in lines)
        )
        assert current(self.folder, "account, order_no, amount_minor, raw") == sorted(want, key=repr)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(
    max_examples=8, stateful_step_count=6, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

"""An order is found in the evidence of a run, or it is said why it cannot be replayed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from ackord.errors import UnknownNameError, UsageError
from ackord.record.journal import JournalWriter
from ackord.replay.evidence_order import RecordedOrder, contract_of, history_of_order, orders_by_run
from tests.golden.campaigns import journal_of
from tests.simulated.worlds import do, world

from .build import Run


def find_orders(*which: Any, **more: Any) -> list[RecordedOrder]:
    """Those of the first run that has any."""
    return next(orders_by_run(*which, **more))


def evidence(tmp_path: Path, *names: str) -> Path:
    for name in names:
        (tmp_path / name).mkdir()
        shutil.copy(journal_of(name), tmp_path / name / "journal.jsonl")
    return tmp_path


def recorded(tmp_path: Path, run: Run) -> Path:
    writer = JournalWriter(tmp_path / "lag" / "journal.jsonl", run.header)
    for event in run.events:
        writer.add(event)
    writer.close()
    return tmp_path


def lost() -> Run:
    """An acknowledged order that is not found."""
    run = Run()
    run.submit(0)
    run.query(10)
    run.submit(20, order="n2")
    run.query(30, order="n2", found=True)
    return run


def test_without_a_number_it_is_any_that_broke_the_first_guarantee(tmp_path: Path) -> None:
    (found,) = find_orders(evidence(tmp_path, "held", "violated-visibility"))
    assert (found.number, found.finding.guarantee) == ("A-17", "acknowledged-order-visible")
    assert found.journal.parent.name == "violated-visibility"
    assert contract_of(found) == "reference"


def test_the_order_is_looked_for_under_every_profile(tmp_path: Path) -> None:
    folder = evidence(tmp_path, "violated-visibility", "violated-double-movement")
    assert find_orders(folder, "B-3")[0].finding.guarantee == "resubmission-moves-money-once"
    assert find_orders(folder, guarantee="resubmission-moves-money-once")[0].number == "B-3"


def test_a_folder_without_journals_is_no_evidence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no evidence of a run"):
        find_orders(tmp_path)


def test_a_run_in_which_nothing_broke_has_nothing_to_replay(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no order in .* broke a guarantee"):
        find_orders(evidence(tmp_path, "held"))


def test_an_unknown_number_is_told_with_those_that_broke_something(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError) as raised:
        find_orders(evidence(tmp_path, "violated-visibility"), "A-71")
    assert 'Did you mean "A-17"?' in str(raised.value)


def test_an_order_that_broke_nothing_is_told_so(tmp_path: Path) -> None:
    folder = recorded(tmp_path, lost())
    assert find_orders(folder, "n1")[0].finding.order == "n1"
    with pytest.raises(UsageError, match="the order n2 broke no guarantee"):
        find_orders(folder, "n2")
    with pytest.raises(UsageError, match="the order n1 did not break landing-bounded"):
        find_orders(folder, "n1", guarantee="landing-bounded")
    with pytest.raises(UnknownNameError, match='no guarantee is called "landing"'):
        find_orders(folder, "n1", guarantee="landing")


def test_an_order_of_a_drill_belongs_to_the_merchant_s_program(tmp_path: Path) -> None:
    run = Run("integration")
    run.submit(0)
    with pytest.raises(UsageError, match=r"the merchant's own program decides(.|\n)*repeat the drill: ackord"):
        find_orders(recorded(tmp_path, run), "n1")


def test_without_a_number_all_orders_of_one_guarantee_are_found(tmp_path: Path) -> None:
    run = lost()
    run.submit(40, order="n3")
    run.query(50, order="n3")
    assert {found.number for found in find_orders(recorded(tmp_path, run))} == {"n1", "n3"}


def test_the_projection_has_the_order_s_events_and_what_is_about_none() -> None:
    run = lost()
    run.fault(5, "replication-cut", "armed")
    run.phase(50, "settle")
    own = history_of_order(run.history, "n1")
    assert [order.number for order in own.orders] == ["n1"]
    assert len(own.orders[0].exchanges) == 2
    assert [fault.fault for fault in own.faults] == ["replication-cut"]
    assert own.healed_ns() == run.history.healed_ns()


def test_the_contract_is_the_given_one_or_that_of_the_run_or_its_copy(tmp_path: Path) -> None:
    run = lost()
    run.header = type(run.header)(
        **{**_fields(run), "contract": "mine", "command": "ackord certify gone.yaml --seed 7"}
    )
    (found,) = find_orders(recorded(tmp_path, run), "n1")
    assert contract_of(found, "other.yaml") == "other.yaml"
    with pytest.raises(UsageError, match="mend: give it with --contract"):
        contract_of(found)
    (tmp_path / "run-contract.yaml").write_text("")
    assert contract_of(found) == str(tmp_path / "run-contract.yaml")


def test_the_contract_of_a_test_s_run_is_named_by_its_option(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("")
    run = lost()
    command = f"pytest tests -m x --contract {tmp_path / 'mine.yaml'} --chaos-seed 7"
    run.header = type(run.header)(**{**_fields(run), "contract": "mine", "command": command})
    assert contract_of(find_orders(recorded(tmp_path, run), "n1")[0]) == str(tmp_path / "mine.yaml")


def _fields(run: Run) -> dict[str, object]:
    return {name: getattr(run.header, name) for name in run.header.__dataclass_fields__}


def test_an_order_whose_line_is_missing_in_the_statement_is_not_played_again(tmp_path: Path) -> None:
    w = world("statement-last-page-missing")
    for amount in (100, 200, 300, 400, 500, 600):
        order = w.create_order(amount)
        do(w, order, order.submit())
    w.end_program()
    writer = JournalWriter(tmp_path / "statement" / "journal.jsonl", w.header)
    for event in w.recorder.events:
        writer.add(event)
    writer.close()
    with pytest.raises(UsageError, match="statement-complete is judged by readings of the statement"):
        find_orders(tmp_path, guarantee="statement-complete")

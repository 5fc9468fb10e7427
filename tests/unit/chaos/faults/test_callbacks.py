"""Faults of the callback seam: which try a merchant, and which a provider."""

from __future__ import annotations

from ackord.chaos.faults import CallbackFault, Seam, load_faults
from ackord.chaos.faults.callbacks import CallbackAction

from .callback_cases import ordered


def test_they_are_of_one_seam_and_all_but_a_refusal_judge_no_provider() -> None:
    found = [fault for fault in load_faults() if issubclass(fault, CallbackFault)]
    assert len(found) >= 6
    for fault in found:
        assert fault.seam is Seam.CALLBACK
        assert fault.subject == ("" if fault.fault_name() == "callback-refused" else "integration")
        assert "share" not in fault.model_json_schema()["required"]


def test_a_fault_keeps_nothing_from_one_callback_to_the_next() -> None:
    first, second = (ordered("callback-late", ms=250) for _ in range(2))
    assert first == second and isinstance(first, CallbackAction)

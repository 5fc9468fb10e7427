"""Every class has its words, and either agrees or has to be looked at."""

from __future__ import annotations

from ackord.reconcile.classes import DIFFERENCES, ReconcileClass


def test_each_class_says_what_it_means() -> None:
    assert all(group.meaning and "_" not in group.words for group in ReconcileClass)


def test_what_is_not_a_difference() -> None:
    assert {str(group) for group in set(ReconcileClass) - set(DIFFERENCES)} == {"matched", "unsettled", "outside"}

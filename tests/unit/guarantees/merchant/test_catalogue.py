"""Texts by id."""

from __future__ import annotations

from ackord.guarantees.merchant.catalogue import guarantee_named


def test_both_kinds_are_found_and_a_stranger_is_not() -> None:
    for name in ("merchant-pays-once", "acknowledged-order-visible"):
        found = guarantee_named(name)
        assert found is not None and found.id == name and found.clause
    assert guarantee_named("acme-own") is None

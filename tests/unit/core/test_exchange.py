"""An exchange's fields stand where the loops of judging read them by position."""

from __future__ import annotations

from ackord.core.exchange import Exchange


def test_fields_that_are_read_by_position_stand_there() -> None:
    read = {
        1: "copy", 2: "kind", 6: "begin_ns", 7: "complete_ns", 8: "observation", 9: "state", 10: "provider_id",
        11: "amount_minor", 13: "fingerprint", 14: "delivered", 20: "currency", 21: "payee",
    }  # fmt: skip
    assert {position: Exchange._fields[position] for position in read} == read

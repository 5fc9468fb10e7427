"""A ledger by order cannot say that nobody else pays: it shows no other orders."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ackord.contract.spec.ledger import LedgerSpec


def ledger(path: str, **more: Any) -> LedgerSpec:
    request = {"method": "GET", "path": path}
    extract = {"movement_id": "$.id", "order_no": "$.no", "amount_minor": "$.amount"}
    return LedgerSpec.model_validate({"request": request, "rows": "$.data", "extract": extract, **more})


def test_a_ledger_is_shared_unless_the_contract_says_otherwise() -> None:
    assert ledger("/moves").shared is True
    assert ledger("/moves", shared=False).shared is False
    assert ledger("/moves/${order_no}").by_order


def test_a_ledger_by_order_that_nobody_else_uses_is_refused() -> None:
    with pytest.raises(ValidationError, match="a ledger by order shows no order that nobody submitted"):
        ledger("/moves/${order_no}", shared=False)

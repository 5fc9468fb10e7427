"""The field that tells a merchant's payments apart."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ackord.contract.spec.drill import DrillSpec


def test_it_is_a_place_in_a_body() -> None:
    assert DrillSpec.model_validate({"intent": "$.metadata.invoice"}).intent == "$.metadata.invoice"
    for bad in ({"intent": "invoice"}, {}, {"intent": "$.a", "window": "1s"}):
        with pytest.raises(ValidationError):
            DrillSpec.model_validate(bad)

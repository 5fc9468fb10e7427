"""Every guarantee of a merchant says what it is about."""

from __future__ import annotations

import pytest

from ackord.core.promises import Promises
from ackord.guarantees import GUARANTEES
from ackord.guarantees.merchant import MERCHANT_GUARANTEES, MerchantContext, MerchantGuarantee


@pytest.mark.parametrize("guarantee", list(MERCHANT_GUARANTEES), ids=lambda g: g.id)
def test_its_texts(guarantee: MerchantGuarantee) -> None:
    assert guarantee.id.startswith("merchant-") and guarantee.id not in GUARANTEES
    assert "MUST" in guarantee.clause and guarantee.title and guarantee.why
    assert guarantee.unexposed(MerchantContext(Promises(), {})).reason

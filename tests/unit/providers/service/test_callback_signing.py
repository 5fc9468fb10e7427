"""A variant that signs callbacks in its own way is told from one that does not."""

from __future__ import annotations

import pytest

from ackord.providers.service.callback_signing import SignsCallbacks

from ..stage import service


@pytest.mark.parametrize(("variant", "own"), [(None, False), ("callbacks-written-anew", True), ("paid-tenfold", False)])
def test_which_variants_sign_by_themselves(variant: str | None, own: bool) -> None:
    assert isinstance(service(variant)[0], SignsCallbacks) is own

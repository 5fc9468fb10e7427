"""Promises about keys: what is declared of which request, and the journal's form."""

from __future__ import annotations

import pytest

from ackord.core.key_promises import (
    NO_KEY_PROMISES,
    ByteForm,
    EquivalentBytes,
    KeyAnswer,
    KeyPromises,
    KeyVariation,
    is_key_variation,
)
from ackord.core.promises import Promises

ALL = KeyPromises(
    EquivalentBytes.REPLAY, (ByteForm.ESCAPES,), KeyAnswer.REJECT, KeyAnswer.ACCEPT, 40, KeyAnswer.REJECT, True
)


@pytest.mark.parametrize("keys", [NO_KEY_PROMISES, ALL, KeyPromises(case_sensitive=False)])
def test_promises_stay_the_same_through_a_journal(keys: KeyPromises) -> None:
    assert Promises.from_json(Promises(keys=keys).to_json()).keys == keys


def test_a_journal_without_them_is_as_it_was() -> None:
    assert not {"keys", "triggers"} & Promises().to_json().keys()


def test_each_form_of_a_key_has_its_own_promise() -> None:
    declared = {variation: ALL.declared(variation) for variation in KeyVariation}
    assert declared == {
        KeyVariation.MISSING: KeyAnswer.REJECT,
        KeyVariation.EMPTY: KeyAnswer.ACCEPT,
        KeyVariation.OVERLONG: KeyAnswer.REJECT,
        KeyVariation.OTHER_CASE: KeyAnswer.ACCEPT,
        KeyVariation.FOLDED: None,
    }
    assert ALL.of_forms and not NO_KEY_PROMISES.of_forms
    assert KeyPromises(case_sensitive=False).declared(KeyVariation.OTHER_CASE) is None


def test_what_is_not_declared_is_named() -> None:
    assert ALL.undeclared() == []
    assert NO_KEY_PROMISES.undeclared() == ["equivalent_bytes", "missing", "empty", "overlong", "case_sensitive"]


def test_a_key_in_the_other_case_that_means_the_same_order_is_a_resubmission() -> None:
    assert [v for v in KeyVariation if not is_key_variation(v)] == [KeyVariation.FOLDED]
    assert not any(is_key_variation(form) for form in ByteForm)

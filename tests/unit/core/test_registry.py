"""A name is given once."""

from __future__ import annotations

import pytest

from ackord.core.registry import Registry
from ackord.errors import UnknownNameError


def test_things_are_found_in_the_order_in_which_they_came() -> None:
    registry: Registry[int] = Registry("number")
    assert registry.add("two", 2) == 2
    registry.add("one", 1)
    assert (registry.get("one"), registry.names(), list(registry), len(registry)) == (1, ["two", "one"], [2, 1], 2)
    assert "one" in registry and "three" not in registry


def test_a_second_thing_of_one_name_is_refused_and_changes_nothing() -> None:
    registry: Registry[int] = Registry("number")
    registry.add("one", 1)
    with pytest.raises(ValueError, match="a number called 'one' is registered already"):
        registry.add("one", 11)
    assert list(registry) == [1]


def test_an_unknown_name_brings_the_nearest() -> None:
    registry: Registry[int] = Registry("number")
    registry.add("seven", 7)
    with pytest.raises(UnknownNameError, match=r'no number is called "sevne".*Did you mean "seven"'):
        registry.get("sevne")


def test_an_empty_registry_says_so_and_how_to_mend_it() -> None:
    error = UnknownNameError("fault", "none", (), mend="choose another profile")
    assert str(error) == 'no fault is called "none". There is none at all.\n  mend: choose another profile'

"""Errors of a model are told in the words of this project: what is wrong, and what was expected."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from ackord.contract.base.contract_error import ContractError
from ackord.contract.loading.validation_errors import explain_error
from ackord.contract.spec.amounts import CurrencyCode


def even(value: int) -> int:
    if value % 2:
        raise ValueError("expected an even number")
    return value


class Small(BaseModel):
    """A model with one field of each kind."""

    currency: CurrencyCode = "EUR"
    code: Annotated[str, Field(pattern="^x+$")] = "x"
    word: Annotated[str, Field(min_length=1, max_length=3)] = "a"
    words: Annotated[list[str], Field(min_length=2)] = ["a", "b"]
    count: Annotated[int, Field(ge=1), AfterValidator(even)] = 2


def told(**data: Any) -> ContractError:
    with pytest.raises(ValidationError) as refused:
        Small.model_validate(data)
    return explain_error(refused.value.errors(include_url=False)[0], data, ())


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"currency": "EURO"}, "a code of ISO 4217, such as EUR"),
        ({"code": "y"}, "text that matches ^x+$"),
        ({"word": ""}, "text of at least 1 character"),
        ({"word": "long"}, "text of at most 3 characters"),
        ({"words": ["a"]}, "at least 2 items, and there are 1"),
        ({"count": 0}, "greater than or equal to 1"),
        ({"count": 3}, "an even number"),
        ({"words": 3}, "a list"),
    ],
)
def test_what_was_expected(data: dict[str, Any], expected: str) -> None:
    error = told(**data)
    assert error.expected == expected
    assert error.problem == f'"{next(iter(data))}" cannot be used (got {next(iter(data.values()))!r})'


def test_what_is_right_is_no_error() -> None:
    assert Small.model_validate({"currency": "JPY", "code": "xx", "count": 4}).count == 4

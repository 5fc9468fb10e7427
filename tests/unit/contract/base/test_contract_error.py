"""``ContractError`` carries a place, and each caller puts its own part before it."""

from __future__ import annotations

from ackord.contract.base.contract_error import ContractError


def test_a_caller_puts_its_place_before_the_path_and_keeps_the_rest() -> None:
    error = ContractError(("secret",), "it is empty", "text", "set the variable")
    assert error.under("hmac").under("accounts", "main", "auth") is error
    assert error.path == ("accounts", "main", "auth", "hmac", "secret")
    assert (str(error), error.problem, error.expected, error.mend) == (
        "it is empty",
        "it is empty",
        "text",
        "set the variable",
    )

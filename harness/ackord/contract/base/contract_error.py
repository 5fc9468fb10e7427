"""Define the one error for a problem at a place of a contract."""

from __future__ import annotations

from typing import Self

__all__ = ["ContractError", "DocumentPath"]

DocumentPath = tuple[str | int, ...]
"""A place in a YAML document: ``("submit", "answers", 0)``."""


class ContractError(Exception):
    """Something in a contract cannot be used. The loader alone turns it into a ``FileError`` with the line.

    ``path`` is the place in the contract, or in the settings that the raising code was given; each caller that knows
    where these settings stand puts its own part before it with ``under``. The text never holds a secret.
    """

    def __init__(self, path: DocumentPath, problem: str, expected: str = "", mend: str = "") -> None:
        super().__init__(problem)
        self.path = path
        self.problem = problem
        self.expected = expected
        self.mend = mend

    def under(self, *at: str | int) -> Self:
        """This error with ``at`` put before its path, ready to be raised again."""
        self.path = (*at, *self.path)
        return self

"""Answer what merchants read to reconcile: movements, statements and balances."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from ...contract.emulate.domain_responses import BalanceResponse, MovementsResponse
from .provider_store import ProviderStore
from .statement_book import StatementBook

__all__ = ["MoneyReads"]


class MoneyReads:
    """The part of a provider's service that reads its books; nothing in it depends on an order's way."""

    store: ProviderStore
    statement_book: ClassVar[type[StatementBook]] = StatementBook

    @cached_property
    def statements(self) -> StatementBook:
        """The statements of the reference's own API; emulated contracts have ``statement``."""
        return self.statement_book(self.store)

    async def movements(
        self, account: str | None, after: int, limit: int, skip: int = 0, of: tuple[str, str] = ("", "")
    ) -> MovementsResponse:
        """Return movements of an account, or of all, with ids above ``after``, as ``ProviderStore.movements`` does."""
        found = await self.store.movements(account, after, limit, skip, of)
        return MovementsResponse(tuple(found), found[-1].id if found else after)

    async def statement(
        self, account: str, from_s: int, to_s: int, after: int, limit: int, skip: int = 0
    ) -> MovementsResponse:
        """Return an account's statement of a time, from behind ``after`` and ``skip`` more; the end is excluded."""
        found = await self.store.stated(account, from_s, to_s, after, limit, skip)
        return MovementsResponse(tuple(found), found[-1].id if found else after)

    async def balance(self, account: str) -> BalanceResponse:
        return BalanceResponse(account, *await self.store.totals(account))

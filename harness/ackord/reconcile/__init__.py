"""Reconciles a merchant's orders with a provider's statement."""

__all__: list[str] = []

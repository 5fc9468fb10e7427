"""Implement a payment provider without HTTP: orders, their store, and the bank channel that pays them."""

"""Runs a merchant's own command against a provider behind the gateway, and judges the merchant by what it did."""

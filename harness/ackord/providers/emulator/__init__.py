"""Emulate the provider of any contract: the reference provider's service behind the contract's messages."""

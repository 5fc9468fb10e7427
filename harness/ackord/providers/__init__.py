"""Providers, and how one is talked to: the client that drives any contract, and the reference provider."""

"""Checks a contract against a provider with a handful of requests."""

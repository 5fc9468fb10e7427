"""Contracts: what a provider's API looks like and what it promises, as data. YAML in; requests, readings and promises
out.
"""

"""Provides a ready test suite: ``pytest --pyargs ackord.suite --contract NAME`` judges a provider
without further code.
"""

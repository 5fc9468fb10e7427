"""Defines what merchants do to a provider: scenarios for load, rules for the order machine, and the orders that both
use.
"""

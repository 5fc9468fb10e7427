"""Loads and validates a contract file, and reports each problem at its line."""

"""Reads a project's settings from its files, writes the first ones, and sums up runs of several contracts."""

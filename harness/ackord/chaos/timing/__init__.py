"""Determines when a fault is active, and calls back at an instant."""

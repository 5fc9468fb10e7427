"""Grants levels, writes signed certificates of a run's evidence, and verifies those of others."""

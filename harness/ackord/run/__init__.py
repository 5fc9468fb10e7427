"""Runs: what starts the parts, plays one contract under one profile, and hands the history to the judge."""

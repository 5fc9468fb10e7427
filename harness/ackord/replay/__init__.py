"""Play one order of a run again: extract it as a scenario, confirm it, shrink it, and write it as a pytest file."""

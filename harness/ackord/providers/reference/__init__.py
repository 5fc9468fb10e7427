"""Serve the reference provider over a real PostgreSQL primary and standby, in one child process."""

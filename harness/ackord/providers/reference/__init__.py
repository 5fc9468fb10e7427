"""A payment provider over a real PostgreSQL primary and standby, in one child process: ``python -m ackord.providers.reference``."""

"""Runs PostgreSQL servers: primary, standby and read model."""

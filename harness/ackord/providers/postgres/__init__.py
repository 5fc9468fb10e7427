"""Run PostgreSQL servers: a primary, its standby, and a read model."""

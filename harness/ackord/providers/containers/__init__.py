"""The reference provider in containers: a node each, PostgreSQL's primary and standby, and a Toxiproxy between the two."""

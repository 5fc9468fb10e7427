"""Toxiproxy: its server as an engine of links, and its interface for the embedded engine."""

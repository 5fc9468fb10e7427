"""Drives a real Toxiproxy server as a link engine, and serves Toxiproxy's interface for the embedded engine."""

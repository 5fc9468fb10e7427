"""Passes TCP connections through links that add latency, limit bandwidth and break."""

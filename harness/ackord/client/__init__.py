"""Drives any provider by its contract: transports, pacing, paging and the listener for callbacks."""

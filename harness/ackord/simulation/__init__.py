"""Runs the order machine, the gateway's faults and a provider model in virtual time."""

"""Chaos: profiles and faults as data, and the process that applies them between merchant, provider and replica."""

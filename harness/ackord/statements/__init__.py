"""Pulls provider statements partition by partition into a local store, and reads the store (needs the extra
``statements``).
"""

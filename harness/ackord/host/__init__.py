"""Wraps the operating system: child processes that are controlled by JSON lines, process identities, and temporary
folders.
"""

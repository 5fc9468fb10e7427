"""Generates the field reference and the JSON Schema of contracts."""

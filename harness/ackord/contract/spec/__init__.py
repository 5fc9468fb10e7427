"""The models of a contract's YAML, one section a file."""

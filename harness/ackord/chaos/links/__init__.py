"""TCP links that lag, narrow and break."""

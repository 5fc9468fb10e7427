"""The gateway: a reverse proxy that knows whose request it holds."""

"""A ready suite: ``pytest --pyargs ackord.suite --contract NAME`` judges a provider without a line of one's own."""

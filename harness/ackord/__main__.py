"""``python -m ackord``."""

from .cli import main

main()

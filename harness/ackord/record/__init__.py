"""What happened, written down: the recorder, and the journal that keeps it."""

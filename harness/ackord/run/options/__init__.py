"""Define what is to be run: the plan and its options."""

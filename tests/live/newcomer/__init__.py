"""A small payout API that Ackord has never seen, with its documentation: what a newcomer starts from."""

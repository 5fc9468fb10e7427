"""What a payment provider does, without HTTP: orders, their store, and the bank channel that pays them."""

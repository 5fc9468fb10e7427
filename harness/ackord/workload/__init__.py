"""What merchants do to a provider: plots for storms, rules for the stateful machine, and the orders that both play with."""

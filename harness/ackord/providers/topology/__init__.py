"""Starts a provider that a contract's topology describes, and disturbs its inside."""

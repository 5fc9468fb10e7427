"""Any contract as a provider that can be called: the reference provider's service behind the words of the contract."""

"""The provider's side of a contract: parses requests and writes responses and callbacks."""

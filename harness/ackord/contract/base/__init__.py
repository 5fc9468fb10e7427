"""Building blocks of the contract: selectors, conditions, templates, bodies and HTTP messages."""

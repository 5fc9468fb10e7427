"""Run a provider of nodes and database servers, and answer the control requests of the harness."""

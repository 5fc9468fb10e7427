"""The merchant's side of a contract: renders requests and reads responses, callbacks, ledgers and statements."""

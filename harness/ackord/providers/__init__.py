"""Hold the providers that Ackord serves: the reference provider, the emulator, and PostgreSQL."""

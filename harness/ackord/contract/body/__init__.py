"""Encodings of a body: renders requests and reads responses as JSON, forms or XML."""

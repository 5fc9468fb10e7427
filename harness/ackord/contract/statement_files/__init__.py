"""Reads statement files as streams, in bounded memory: unpacking, decoding, and the rows of each form."""

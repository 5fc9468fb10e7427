"""Ackord judges whether a payment provider honours an acknowledged order.

Importing this package imports nothing else, so that a command line or a pytest session that does not use it
pays nothing. The parts are in the rooms: ``ackord.core`` for the words, ``ackord.run`` for a run.
"""

__version__ = "0.1.0"

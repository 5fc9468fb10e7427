"""Plays merchants' policies against a model of a provider in virtual time, many orders a second."""

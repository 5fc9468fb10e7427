"""Decides what a merchant does next about a payment: policies as pure state machines, live and in simulation."""

"""Defines the domain's vocabulary and pure functions with the standard library alone; every other
package builds on it.
"""

"""Decides in a pipeline whether a recorded run is good enough, by a policy and a baseline of known findings."""

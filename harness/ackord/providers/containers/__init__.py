"""Run the reference provider in containers: its nodes, the primary, the standby and a Toxiproxy."""

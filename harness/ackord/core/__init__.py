"""The words of the domain and the pure parts that everything else stands on: standard library only."""

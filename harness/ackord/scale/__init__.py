"""Judges events in Parquet, in partitions of whole orders: in this process, over worker processes, or on Spark."""

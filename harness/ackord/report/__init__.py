"""What people and machines read of a run: the console, the explanation of a finding, and files, one report a module."""

"""What the operating system gives: child processes that are told what to do in JSON lines, and folders that outlive nobody."""

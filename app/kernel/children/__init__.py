"""Programs that read strangers' files: each a process with limits, without a network and without our data."""

"""Programs that read strangers' files, each in a process with limits, without a network and without our data."""

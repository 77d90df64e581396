"""Search within one replay, and in the slides of all: what the person who searches may see of it."""

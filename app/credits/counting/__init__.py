"""Counting: the stretches of the media clock that each person watched."""

"""Tests of the house: its order, its names, its promises to itself."""

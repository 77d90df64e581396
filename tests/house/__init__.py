"""The house is tested: its order, its names, its promises to itself."""

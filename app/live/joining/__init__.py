"""Ways into a lesson: a place, a token, a guest link."""

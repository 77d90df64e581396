"""A person's place in a replay and her notes. Nobody else sees them."""

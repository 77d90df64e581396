"""A person's way through the whole running service: real programs, real encoders, real browsers."""

"""Cover pictures of lessons."""

"""What one person keeps of a replay: where she left, and her notes. Nobody else sees it."""

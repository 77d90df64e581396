"""Chapters of a replay: the pages that stood for a while, as presenters have named, merged, hidden and added them."""

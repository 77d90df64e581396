"""Tests: rooms mirror app/ and media_worker/; house/ tests the house, journeys/ uses real browsers, bench/ measures."""

"""Lists of lessons: the live column, one's own lessons, those of the units that one manages."""

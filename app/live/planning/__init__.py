"""新建直播 and what follows from it: planning lessons, changing and duplicating plans, calling lessons off."""

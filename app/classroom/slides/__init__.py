"""讲义: showing pages, drawing on them and pointing at them, in step with the picture."""

from __future__ import annotations

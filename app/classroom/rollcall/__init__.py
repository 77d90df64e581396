"""点名: who is asked whether she is here, and who has said so; kept as evidence for learning hours.

What was called and what was confirmed is only ever added, never changed; the database refuses the rest.
"""

from __future__ import annotations

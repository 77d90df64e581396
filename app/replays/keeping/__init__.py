"""Keeping of recordings: the recycle bin, the rules of units, and the disk.

Deleting puts a recording into the recycle bin, from which it comes back whole for `BIN_DAYS` days. A unit's rule, which
holds for all beneath it that have none of their own, does the same by itself, after a mail to those who could object.
Rooms above say of which recordings nothing may be removed yet (`holds`), such as those whose learning hours are open.
"""

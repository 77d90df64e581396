"""投票 and 答题卡: a question to everybody in the room, and what they answer.

A poll whose right answers are known is a quiz. Answers are rows, one for each person, and are counted from these; the
timeline only says that a poll was opened, closed, published or hidden.
"""

from __future__ import annotations

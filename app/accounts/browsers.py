"""Browsers in words that people know, from their User-Agent. Only for lists; nothing depends on it."""

from __future__ import annotations

BROWSERS = (
    ("MicroMessenger", "微信"),
    ("QQBrowser", "QQ"),
    ("QIHU", "360"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chromium", "Chromium"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""Marks and names. The first match counts, because most browsers claim to be the later ones as well."""

SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


def in_words(user_agent: str) -> str:
    """Return browser and system, such as "Firefox · Windows". Empty means that neither is known."""
    named = (next((name for mark, name in table if mark in user_agent), "") for table in (BROWSERS, SYSTEMS))
    return " · ".join(name for name in named if name)

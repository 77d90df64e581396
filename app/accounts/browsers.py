"""A browser in words people know, from what it says about itself. Only for lists; nothing depends on it."""

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
"""The first that is found: most claim to be the later ones as well."""

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
    """Name browser and system, such as "Firefox · Windows"; empty when neither is known."""
    named = (next((name for mark, name in table if mark in user_agent), "") for table in (BROWSERS, SYSTEMS))
    return " · ".join(name for name in named if name)

"""What accounts say to the rooms above. Sent within the transaction, so that what hears them joins it."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

signed_in = _signals.signal("accounts.signed_in")
"""A person has signed in. The sender is the User."""

link_opened = _signals.signal("accounts.link_opened")
"""A link is opened that sets a person's password, and that somebody else had made. The sender is the User, `by` the one
who made it; whoever knows why it must not count raises LinkDead."""

"""Signals of accounts to the rooms above, sent within the transaction, so that receivers join it."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

signed_in = _signals.signal("accounts.signed_in")
"""A person has signed in. The sender is the User."""

link_opened = _signals.signal("accounts.link_opened")
"""A link is opened that sets a person's password, and that another person had made. The sender is the User, `by` the
maker of the link. A receiver that knows a reason against it raises LinkDead."""

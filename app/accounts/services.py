"""Makes, changes and closes accounts, signs in and out."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import cast

from flask import Flask, after_this_request, current_app, request, session
from flask_login import current_user, login_user, logout_user
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from app.accounts import events, hashing, passwords, queries, throttle
from app.accounts.errors import EmailTaken, StaffNumberTaken, UsernameTaken, WrongPassword
from app.accounts.models import SignIn, User
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.kernel import clock, web
from app.kernel.unit_of_work import lock, unit_of_work
from app.mail import services as mail
from app.mail.models import Mail
from app.units import queries as units
from app.units.models import Unit

invite, password_link = passwords.invite, passwords.password_link
"""Rooms above may use them from here as well."""

SEEN_EVERY_MS = 5 * 60_000
FORGOTTEN_AFTER_MS = 60 * 86_400_000


def create_user(
    *,
    username: str,
    real_name: str,
    unit: Unit,
    password: str | None = None,
    email: str | None = None,
    staff_number: str | None = None,
    by_id: int | None = None,
) -> User:
    """Return a new account. Without a password its owner sets one by a mailed link.

    `by_id` is the person who types all this for her. `None` means that it is known for certain.

    Raises:
        UsernameTaken, EmailTaken, StaffNumberTaken: another person has the same.
    """
    user = User(real_name=real_name, unit=unit, password_hash=hashing.hash_of(password) if password else None)
    with unit_of_work():
        _describe(user, username=username, email=email, staff_number=staff_number, by_id=by_id)
        db.session.add(user)
        flush_unique()
    return user


def change_user(
    user: User, *, username: str, real_name: str, email: str | None, staff_number: str | None, by_id: int
) -> None:
    """Correct a person's data. `by_id` is the person who does it.

    Raises:
        UsernameTaken, EmailTaken, StaffNumberTaken: another person has the same.
    """
    with unit_of_work():
        lock(user)
        user.real_name = real_name
        _describe(user, username=username, email=email, staff_number=staff_number, by_id=by_id)
        flush_unique()


def tell_old_address(old: str, real_name: str, username: str, new: str) -> None:
    """Warn an account's old address by mail, because the reader of the new one can set the password."""
    mail.send(old, "address_changed", locale=web.language(), name=real_name, username=username, email=new)


def close_account(user: User) -> None:
    """Close an account at once: nobody can sign in with it any more."""
    with unit_of_work():
        user.closed_ms = clock.now_ms()
        db.session.execute(delete(SignIn).where(SignIn.user_id == user.id))


def hand_over(user: User, identity: str) -> None:
    """Hand an account over to the provider's person. The person who prepared it can no longer sign in."""
    with unit_of_work():
        user.identity, user.password_hash = identity, None
        db.session.execute(delete(SignIn).where(SignIn.user_id == user.id))


def reopen_account(user: User) -> None:
    """Let the owner of a closed account sign in again."""
    with unit_of_work():
        user.closed_ms = None


def sign_in_with_password(username: str, password: str, *, remember: bool) -> User:
    """Sign a person in by user name and password.

    Raises:
        WrongPassword: they do not match, or the account is closed.
        TooManyTries: there were too many wrong ones before.
    """
    user = queries.user_by_name(username)
    attempt = throttle.attempt(username, user.id if user else None)
    throttle.admit(attempt)
    known = user.password_hash if user is not None and user.closed_ms is None else None
    if not hashing.matches(known, password) or user is None or known is None:
        raise WrongPassword
    throttle.forgive(attempt)
    if hashing.is_outdated(known):
        with unit_of_work():
            user.password_hash = hashing.hash_of(password)
    sign_in(user, remember=remember)
    return user


def sign_in(user: User, *, remember: bool) -> None:
    """Begin a fresh session of this browser for an identified person. From now on her device is known."""
    with unit_of_work():
        if current_user.is_authenticated:  # a browser holds one sign-in: the old one would be left without a cookie
            end_sign_in(current_user, current_user.sign_in_key)
        begun = SignIn(
            key=secrets.token_urlsafe(32),
            user_id=user.id,
            address=request.remote_addr or "",
            browser=request.user_agent.string[:200],
        )
        db.session.add(begun)
        user.seen_ms = clock.now_ms()
        events.signed_in.send(user)
        user.sign_in_key = begun.key
    renew_session(_carried(current_app))
    login_user(user, remember=remember)

    @after_this_request
    def know(reply):  # type: ignore[no-untyped-def]
        throttle.know_device(reply, user.id)
        return reply


def sign_out(user: User | None) -> None:
    """End this browser's session."""
    if user is not None:
        end_sign_in(user, user.sign_in_key)
    logout_user()
    renew_session(_kept_after(current_app))


def end_sign_in(user: User, key: str) -> None:
    """End one of a person's sign-ins."""
    with unit_of_work():
        db.session.execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.key == key))


def end_other_sign_ins(user: User) -> int:
    """End all sign-ins of a person except that of this request. Return their number."""
    with unit_of_work():
        ended = db.session.execute(
            delete(SignIn).where(SignIn.user_id == user.id, SignIn.key != user.sign_in_key).returning(SignIn.key)
        ).all()
    return len(ended)


def see_visitor() -> None:
    """Note that a sign-in is in use, at most every five minutes. Runs before every request."""
    if "_user_id" not in session or request.endpoint == "static" or not current_user.is_authenticated:
        return
    key, now = current_user.sign_in_key, clock.now_ms()
    if queries.is_stale(key, now - SEEN_EVERY_MS):
        with unit_of_work():
            seen = update(SignIn).where(SignIn.key == key).values(seen_ms=now, address=request.remote_addr or "")
            db.session.execute(seen)
            db.session.execute(update(User).where(User.id == current_user.id).values(seen_ms=now))


def forget_old_sign_ins() -> None:
    """End sign-ins that were not used for two months. The clockwork calls it."""
    with unit_of_work():
        db.session.execute(delete(SignIn).where(SignIn.seen_ms < clock.now_ms() - FORGOTTEN_AFTER_MS))


def note_reading(letter: Mail) -> None:
    """Note in the log that an administrator has read a mail, which may hold a link that opens an account."""
    audit.record(
        Action.MAIL_READ,
        by_id=current_user.id,
        unit_id=units.academy().id,
        what=f"{letter.subject} → {letter.recipient}",
    )


def carry_over(app: Flask, key: str, *, at_sign_out: bool = False) -> None:
    """Keep a room's key in a visitor's session when she signs in. By default no key is kept.

    With `at_sign_out` it is kept when she signs out, too.
    """
    _carried(app).add(key)
    if at_sign_out:
        _kept_after(app).add(key)


def renew_session(carried: Collection[str] = ()) -> None:
    """Empty the session, except for the language, Flask-Login's order to delete its cookie, and the carried keys."""
    kept = {key: session[key] for key in ("language", "_remember", *carried) if session.get(key)}
    session.clear()
    session.update(kept)


def _carried(app: Flask) -> set[str]:
    return cast(set[str], app.extensions.setdefault("carried_over", set()))


def _kept_after(app: Flask) -> set[str]:
    return cast(set[str], app.extensions.setdefault("kept_after_sign_out", set()))


def _describe(user: User, *, username: str, email: str | None, staff_number: str | None, by_id: int | None) -> None:
    user.username = username.strip().lower()
    email = email.strip().lower() if email else None
    if email != user.email:
        user.email, user.email_by_id = email, by_id
    user.staff_number = staff_number or None


def flush_unique() -> None:
    """Flush unique values, because within an outer unit of work the commit would come too late to catch its error."""
    try:
        db.session.flush()
    except IntegrityError as error:
        said = str(error.orig)
        if "email" in said:
            raise EmailTaken from None
        raise (StaffNumberTaken if "staff_number" in said else UsernameTaken) from None

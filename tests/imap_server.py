"""A real inbox for tests: Dovecot, with one person's mail in a folder of the test."""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from tests.certificates import self_signed
from tests.journeys.waiting import wait_for
from tests.ports import free_ports

USER, PASSWORD = "support", "a-long-enough-password"


class Inbox:
    """The inbox as its owner's mail program sees it."""

    def __init__(self, certificate: Path) -> None:
        """Begin with nothing. `certificate` is the server's own, which a program must be told to trust."""
        self.port, self.tls_port = free_ports(2)
        self.certificate = certificate

    def answers(self) -> bool:
        """Return whether the server is up."""
        try:
            self.unseen()
        except OSError:
            return False
        return True

    def put(self, *mails: EmailMessage | bytes) -> None:
        """Let mails arrive."""
        with self._open() as server:
            for one in mails:
                raw = one if isinstance(one, bytes) else one.as_bytes()
                said, _numbers = server.append("INBOX", "", "", raw)
                assert said == "OK"

    def unseen(self) -> int:
        """Return the number of mails that nobody has seen."""
        with self._open() as server:
            _said, found = server.search(None, "UNSEEN")
            return len(found[0].split())

    @contextmanager
    def _open(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as server:
            server.login(USER, PASSWORD)
            server.select("INBOX")
            yield server


@contextmanager
def serving() -> Iterator[Inbox]:
    """Run Dovecot with an empty inbox: in the clear and with STARTTLS on one port, with TLS on the other.

    Raises:
        FileNotFoundError: it is not installed.
    """
    program = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise FileNotFoundError("Dovecot is missing: apt-get install dovecot-imapd")
    with tempfile.TemporaryDirectory(prefix="imap-") as place:
        folder = Path(place)
        inbox = Inbox(self_signed(folder, "127.0.0.1"))
        folder.chmod(0o755)
        owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        files = folder / "mail"
        files.mkdir()
        if os.geteuid() == 0:  # it serves no mail as root
            os.chown(files, owner.pw_uid, owner.pw_gid)
        config = folder / "dovecot.conf"
        config.write_text(_config(folder, files, owner, inbox))
        server = subprocess.Popen([program, "-F", "-c", str(config)], stdin=subprocess.DEVNULL)
        try:
            wait_for(inbox.answers, "the mail server answers", 20)
            yield inbox
        finally:
            server.terminate()
            server.wait(20)


def _config(folder: Path, files: Path, owner: pwd.struct_passwd, inbox: Inbox) -> str:
    is_root = os.geteuid() == 0
    rootless = f"""
default_internal_user = {owner.pw_name}
default_internal_group = {grp.getgrgid(owner.pw_gid).gr_name}
default_login_user = {owner.pw_name}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
}}
"""
    return f"""
protocols = imap
listen = 127.0.0.1
base_dir = {folder / "run"}
log_path = {folder / "log"}
ssl = yes
ssl_cert = <{inbox.certificate}
ssl_key = <{inbox.certificate}
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{files}
passdb {{
  driver = static
  args = user={USER} password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={files}
}}
service imap-login {{
  inet_listener imap {{
    port = {inbox.port}
  }}
  inet_listener imaps {{
    port = {inbox.tls_port}
    ssl = yes
  }}
}}
{"" if is_root else rootless}"""

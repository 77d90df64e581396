"""Errors of an import as a whole."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict


class EmptyFile(AppError):
    """The file has no bytes."""

    status = 422
    code = "import.empty_file"
    message = _l("This file is empty.")
    mend = _l("Choose the file that holds the list.")


class SeenTooLate(Conflict):
    """The confirmed preview is not the present one."""

    code = "import.seen_too_late"
    message = _l("The preview has changed since you opened this page. Nothing was written.")
    mend = _l("Open the import again and look at the new preview.")


class AtWork(Conflict):
    """The import is being written, or has been."""

    code = "import.at_work"
    message = _l("This import is being written already.")
    mend = _l("Wait until it is done; its page shows how far it is.")

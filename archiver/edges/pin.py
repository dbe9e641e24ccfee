"""Where the PIN of a token comes from: a private file, the environment, or a person.

RFC 7512 §2.4: ``pin-source`` names a file, as a URI or by its path. ``env:NAME`` is ours.
Programs (``|command``) are not started.
"""

from __future__ import annotations

import os
from getpass import getpass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from archiver.edges.privatedir import read_private
from archiver.errors import KeyStoreError, UsageError

__all__ = ["read_pin"]

_TERMINAL = "/dev/tty"


def read_pin(source: str, token: str) -> str:
    """Return the PIN of a token from its source; without one a person is asked.

    Raises:
        KeyStoreError: there is none there, others may read the file, or nobody can be asked.
        UsageError: no such kind of source.
    """
    if not source:
        return _asked(token)
    kind, _, name = source.partition(":")
    if kind == "env":
        found = os.environ.get(name, "")
    elif kind == "file" or source.startswith("/"):
        path = Path(unquote(urlsplit(source).path) if kind == "file" else source)
        name, found = str(path), (read_private(path) or b"").decode(errors="replace")
    else:
        raise UsageError(
            "no such source of a PIN",
            where=token,
            mend="write pin-source=file:/path, pin-source=env:NAME, or leave it out",
            code="token-uri",
        )
    pin = found.removesuffix("\n").removesuffix("\r")
    if not pin:
        raise _none(f"there is no PIN in {name}", token)
    return pin


def _asked(token: str) -> str:
    try:
        os.close(os.open(_TERMINAL, os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        raise _none("nobody can be asked for the PIN: there is no terminal", token) from error
    pin = getpass(f"PIN of {token}: ")
    if not pin:
        raise _none("no PIN was given", token)
    return pin


def _none(why: str, token: str) -> KeyStoreError:
    return KeyStoreError(
        why,
        where=token,
        mend="name a private file with pin-source=file:/path in the key's name, or type it",
        code="token-pin",
    )

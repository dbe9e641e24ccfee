"""Platform credentials, one file per account, that only their owner may read."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from typing import TYPE_CHECKING, TypeGuard

from archiver.edges.privatedir import PrivateDirectory, read_private
from archiver.errors import KeyStoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["CredentialStore"]

REFERENCE = "env:"


class CredentialStore:
    """Credentials by account name, each account's in ``<SHA-256 of the name>.json``.

    A value that starts with ``env:`` is a reference: the rest names an environment
    variable, read at each `load`, so that the secret itself is in no file.

    Args:
        directory: where the files live; made with mode 0700 when missing.
        environ: where references are looked up; the process environment unless told.

    Raises:
        KeyStoreError: the directory is open to others, or cannot be used.
    """

    def __init__(self, directory: Path, environ: Mapping[str, str] | None = None) -> None:
        self._files = PrivateDirectory(directory)
        self._environ = os.environ if environ is None else environ

    def __repr__(self) -> str:
        """Return where the credentials are, without them."""
        return f"CredentialStore({str(self._files.root)!r})"

    def save(self, account: str, credential: Mapping[str, str]) -> None:
        """Keep the credential of an account, in place of one it has, durably.

        Raises:
            UsageError: a name or value is no text, or the account has no name.
            KeyStoreError: the file cannot be written.
        """
        values = dict(credential)
        if not account or not _is_flat_text(values):
            raise UsageError(
                "a credential is a set of names and texts, for a named account",
                where=account,
                mend="give every value as text",
            )
        if not all(_is_literal_or_variable(value) for value in values.values()):
            # The value is not quoted: it may be a secret that happens to start so.
            raise UsageError(
                "what follows env: is not the name of an environment variable",
                where=account,
                mend="use letters, digits and _, as in env:CITY_PAGE_TOKEN",
            )
        document = {"account": account, "credential": values}
        with self._files.writing():
            self._files.replace(self._path(account), json.dumps(document, indent=1).encode())

    def load(self, account: str) -> Mapping[str, str]:
        """Return the credential of an account, references resolved.

        Raises:
            KeyStoreError: there is none, others may read it, its file is damaged, or a
                variable it refers to is not set.
        """
        path = self._path(account)
        data = read_private(path)
        if data is None:
            raise KeyStoreError(
                f"there is no credential for account {account}",
                where=str(path),
                code="credential-missing",
                mend="give one with `archiver account add`",
            )
        document = _parsed(data)
        values = document.get("credential")
        if document.get("account") != account or not _is_flat_text(values):
            raise KeyStoreError(
                f"the credential file of account {account} is damaged",
                where=str(path),
                mend="give the credential again with `archiver account add`",
            )
        return {name: self._resolved(account, value) for name, value in values.items()}

    def _path(self, account: str) -> Path:
        digest = sha256(account.encode(errors="surrogatepass")).hexdigest()
        return self._files.root / f"{digest}.json"

    def _resolved(self, account: str, value: str) -> str:
        if not value.startswith(REFERENCE):
            return value
        variable = value.removeprefix(REFERENCE)
        if variable not in self._environ:
            raise KeyStoreError(
                f"the credential of account {account} refers to a variable that is not set",
                where=variable,
                mend=f"set {variable} in the environment of this process",
            )
        return self._environ[variable]


def _parsed(data: bytes) -> dict[str, object]:
    """Return the JSON object in ``data``, empty for anything else.

    Nothing is raised here, as a decoding error would carry the secret with it.
    """
    try:
        document = json.loads(data)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _is_flat_text(values: object) -> TypeGuard[dict[str, str]]:
    return isinstance(values, dict) and all(
        isinstance(text, str) for item in values.items() for text in item
    )


def _is_literal_or_variable(value: str) -> bool:
    name = value.removeprefix(REFERENCE)
    return name == value or (name.isascii() and name.isidentifier())

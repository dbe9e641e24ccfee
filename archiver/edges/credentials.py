"""Platform credentials, one sealed file per account, that only their owner may read."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from typing import TYPE_CHECKING, TypeGuard

from archiver.errors import KeyStoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.edges.sealedfiles import SealedFiles

__all__ = ["CredentialStore"]

REFERENCE = "env:"


class CredentialStore:
    """Credentials by account name, each account's in a file named by the SHA-256 of the name.

    A value that starts with ``env:`` is a reference: the rest names an environment
    variable, read at each `load`, so that the secret itself is in no file.

    What a platform has put in place of a value that we cannot write to (an environment
    variable, a scheduler's own store) is kept beside the credential with the SHA-256 of the
    value that it replaced: it counts until somebody gives another value there.

    A file that an older version left plain is sealed when it is first read.

    Args:
        files: where they lie, and what encrypts them.
        environ: where references are looked up; the process environment unless told.
    """

    def __init__(self, files: SealedFiles, environ: Mapping[str, str] | None = None) -> None:
        self._files = files
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
        with self._files.writing():
            self._files.write(_digest(account), _document(account, values, {}))

    def load(self, account: str) -> Mapping[str, str]:
        """Return the credential of an account, references resolved.

        Raises:
            KeyStoreError: there is none, others may read it, its file is damaged, or a
                variable it refers to is not set.
        """
        data = self._read(account)
        if data is None:
            raise KeyStoreError(
                f"there is no credential for account {account}",
                where=self._where(account),
                code="credential-missing",
                mend="give one with `archiver account add`",
            )
        values, replaced = self._contents(data, account)
        resolved = {name: self._resolved(account, value) for name, value in values.items()}
        return _newest(resolved, replaced)

    def newest(self, account: str, given: Mapping[str, str]) -> Mapping[str, str]:
        """Return a credential that comes from elsewhere with what a platform has replaced since.

        Raises:
            KeyStoreError: others may read the account's file, or it is damaged.
        """
        data = self._read(account)
        return given if data is None else _newest(given, self._contents(data, account)[1])

    def keep(
        self, account: str, used: Mapping[str, str], fields: Mapping[str, str]
    ) -> tuple[str, ...]:
        """Keep what a platform has put in place of fields of a credential, durably.

        Args:
            account: its name.
            used: the credential that logged in, as it was loaded.
            fields: the new values, by field.

        Returns:
            The fields that came from elsewhere and are kept here from now on.

        Raises:
            KeyStoreError: the file cannot be written, others may read it, or it is damaged.
        """
        moved = []
        with self._files.writing():
            data = self._files.read(_digest(account))
            values, replaced = ({}, {}) if data is None else self._contents(data, account)
            for name, value in fields.items():
                old, before = used.get(name, ""), replaced.get(name, {})
                again = before.get("value") == old
                replaced[name] = {"of": before["of"] if again else _digest(old), "value": value}
                if values.get(name) == old:
                    values[name] = value
                elif not again:
                    moved.append(name)
            self._files.write(_digest(account), _document(account, values, replaced))
        return tuple(moved)

    def _read(self, account: str) -> bytes | None:
        """Return an account's file, sealed from now on."""
        name = _digest(account)
        if self._files.is_plain(name):
            with self._files.writing():
                self._files.take_in(name)
        return self._files.read(name)

    def _where(self, account: str) -> str:
        return str(self._files.path(_digest(account)))

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

    def _contents(
        self, data: bytes, account: str
    ) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        """Return what an account's file has: its credential, and what was replaced of it."""
        document = _parsed(data)
        values, replaced = document.get("credential"), document.get("replaced", {})
        if (
            document.get("account") != account
            or not _is_flat_text(values)
            or not isinstance(replaced, dict)
            or not all(
                _is_flat_text(one) and set(one) == {"of", "value"} for one in replaced.values()
            )
        ):
            raise KeyStoreError(
                f"the credential file of account {account} is damaged",
                where=self._where(account),
                mend="give the credential again with `archiver account credential`",
            )
        return values, replaced


def _document(
    account: str, values: Mapping[str, str], replaced: Mapping[str, Mapping[str, str]]
) -> bytes:
    document = {"account": account, "credential": values, "replaced": replaced}
    return json.dumps(document, indent=1).encode()


def _newest(given: Mapping[str, str], replaced: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return a credential with the newest of each field: a value that was not replaced counts."""
    newer = {
        name: one["value"]
        for name, one in replaced.items()
        if one["of"] == _digest(given.get(name, ""))
    }
    return {**given, **newer}


def _digest(value: str) -> str:
    return sha256(value.encode(errors="surrogatepass")).hexdigest()


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

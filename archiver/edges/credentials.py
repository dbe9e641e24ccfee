"""Platform credentials, one file per account, that only their owner may read."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, TypeGuard

from archiver.edges.privatedir import PrivateDirectory, read_private
from archiver.errors import KeyStoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["CredentialStore"]

REFERENCE = "env:"


class CredentialStore:
    """Credentials by account name, each account's in ``<SHA-256 of the name>.json``.

    A value that starts with ``env:`` is a reference: the rest names an environment
    variable, read at each `load`, so that the secret itself is in no file.

    What a platform has put in place of a value that we cannot write to (an environment
    variable, a scheduler's own store) is kept beside the credential with the SHA-256 of the
    value that it replaced: it counts until somebody gives another value there.

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
        with self._files.writing():
            self._files.replace(self._path(account), _document(account, values, {}))

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
        values, replaced = _contents(data, account, path)
        resolved = {name: self._resolved(account, value) for name, value in values.items()}
        return _newest(resolved, replaced)

    def newest(self, account: str, given: Mapping[str, str]) -> Mapping[str, str]:
        """Return a credential that comes from elsewhere with what a platform has replaced since.

        Raises:
            KeyStoreError: others may read the account's file, or it is damaged.
        """
        path = self._path(account)
        data = read_private(path)
        return given if data is None else _newest(given, _contents(data, account, path)[1])

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
        path = self._path(account)
        moved = []
        with self._files.writing():
            data = read_private(path)
            values, replaced = ({}, {}) if data is None else _contents(data, account, path)
            for name, value in fields.items():
                old, before = used.get(name, ""), replaced.get(name, {})
                again = before.get("value") == old
                replaced[name] = {"of": before["of"] if again else _digest(old), "value": value}
                if values.get(name) == old:
                    values[name] = value
                elif not again:
                    moved.append(name)
            self._files.replace(path, _document(account, values, replaced))
        return tuple(moved)

    @contextmanager
    def logging_in(self, account: str) -> Iterator[None]:
        """Be the only process of this home that logs in for an account.

        Raises:
            KeyStoreError: the lock cannot be used.
        """
        with self._files.holding(self._path(account).stem):
            yield

    def _path(self, account: str) -> Path:
        return self._files.root / f"{_digest(account)}.json"

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


def _document(
    account: str, values: Mapping[str, str], replaced: Mapping[str, Mapping[str, str]]
) -> bytes:
    document = {"account": account, "credential": values, "replaced": replaced}
    return json.dumps(document, indent=1).encode()


def _contents(
    data: bytes, account: str, path: Path
) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Return what an account's file has: its credential, and what was replaced of it."""
    document = _parsed(data)
    values, replaced = document.get("credential"), document.get("replaced", {})
    if (
        document.get("account") != account
        or not _is_flat_text(values)
        or not isinstance(replaced, dict)
        or not all(_is_flat_text(one) and set(one) == {"of", "value"} for one in replaced.values())
    ):
        raise KeyStoreError(
            f"the credential file of account {account} is damaged",
            where=str(path),
            mend="give the credential again with `archiver account credential`",
        )
    return values, replaced


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

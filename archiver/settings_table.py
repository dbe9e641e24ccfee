"""One table of a settings file: what is wrong in it is named with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archiver.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Table"]


class Table:
    """A table of ``archiver.toml``. All its methods raise `UsageError`.

    Args:
        table: any TOML value.
        path: the file.
        name: the table's name, empty for the file itself.
        mend: where an example of it is.
    """

    def __init__(self, table: object, path: Path, name: str, mend: str) -> None:
        self._path, self._name, self._mend = path, name, mend
        if not isinstance(table, dict):
            raise self.wrong("not a table")
        self._values: dict[str, object] = table

    def only(self, *names: str) -> Table:
        """Refuse settings of other names."""
        other = ", ".join(sorted(set(self._values) - set(names)))
        if other:
            raise self.wrong(f"unknown: {other}")
        return self

    def text(self, name: str) -> str:
        """Return a text, empty where there is none."""
        value = self._values.get(name, "")
        if not isinstance(value, str):
            raise self.wrong(f"{name} is not a text")
        return value

    def url(self, name: str) -> str:
        """Return an http or https address that names a host and nobody's password."""
        value = self.text(name)
        try:
            parts = urlsplit(value)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise self.wrong(f"{name} is not an http or https address")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts that is not empty."""
        value = self._values.get(name)
        if not isinstance(value, list) or not value or not all(isinstance(x, str) for x in value):
            raise self.wrong(f"{name} is not a list of texts")
        return tuple(value)

    def number(self, name: str, default: int, most: int) -> int:
        """Return a whole number from 0 to ``most``."""
        value = self._values.get(name, default)
        if type(value) is not int or not 0 <= value <= most:
            raise self.wrong(f"{name} is not a whole number from 0 to {most}")
        return value

    def tables(self, name: str, names: tuple[str, ...]) -> list[Table]:
        """Return the tables in an array of tables, each with settings of these names only."""
        value = self._values.get(name, [])
        if not isinstance(value, list):
            raise self.wrong(f"{name} is written [[{self._below(name)}]]")
        return [Table(one, self._path, self._below(name), self._mend).only(*names) for one in value]

    def _below(self, name: str) -> str:
        return f"{self._name}.{name}" if self._name else name

    def wrong(self, why: str) -> UsageError:
        """Return the error for what is not right in this table."""
        where = f"{self._path}: [{self._name}]" if self._name else str(self._path)
        return UsageError(f"settings are wrong: {why}", where=where, mend=self._mend)

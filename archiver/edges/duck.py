"""DuckDB over tables in memory, locked down: no files, no network, no settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import duckdb

from archiver.errors import ArchiverError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    import pyarrow as pa

__all__ = ["DuckEngine"]


class DuckEngine:
    """One DuckDB connection (`archiver.ports.Engine`); a context manager."""

    def __enter__(self) -> Self:
        """Open the connection and lock it down."""
        self._connection = duckdb.connect(":memory:")
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET enable_progress_bar = false")  # stdout is the command's own
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self._connection.close()

    def query(
        self, tables: Mapping[str, pa.Table], sql: str, parameters: Sequence[object]
    ) -> pa.Table:
        """Run one parameterised SQL statement over the named tables."""
        try:
            for name, table in tables.items():
                self._connection.register(name, table)
            found: pa.Table = self._connection.sql(sql, params=list(parameters)).to_arrow_table()
        except duckdb.Error as error:
            raise ArchiverError(
                f"the query could not be run: {str(error).splitlines()[0]}",
                code="query-failed",
                mend="report this as a defect, with the query",
            ) from error
        return found

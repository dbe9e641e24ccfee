"""Facts of records, derived from rows by one SQL statement. Pure text.

``rows`` has the columns `COLUMNS` of records and ``leaf``; ``settled`` has ``zone``, ``as_of``
and ``sweep_days``; ``classes`` the city's content classes in their order. Returns a row for each
record that was known on that day, by id: the columns of ``facts`` (`archiver.retention.compiled`),
and ``platform``, ``last_seen`` and ``leaves``.

- Days are of the city's time zone. Of several days that observations tell, the latest counts.
- A day that a platform tells is *claimed* where it is before the first capture of its stream, or
  longer before the first sighting than a sweep takes: no capture bears it out.
- A change that the archive saw happened at the latest when it was seen.
- It is removed since the first sighting out of public view after the last in it; what was
  hidden or removed had been in it, what was only ever held had not. What is ``absent`` alone is
  not proven to be gone.
"""

from __future__ import annotations

__all__ = ["COLUMNS", "SQL"]

COLUMNS = (
    *("record_id", "platform", "account", "stream", "kind", "captured_at", "generation_of"),
    *("created", "created_precision", "created_at"),
    *("modified", "modified_precision", "modified_at"),
)

_TOLD = """
           CASE WHEN {0}_at IS NOT NULL THEN CAST(timezone(zone, {0}_at) AS DATE)
                WHEN {0}_precision = 'year'
                THEN CAST(try_cast(substr({0}, 1, 4) || '-12-31' AS DATE) AS DATE)
                WHEN {0}_precision = 'month'
                THEN last_day(try_cast(substr({0}, 1, 7) || '-01' AS DATE))
                WHEN {0}_precision <> '' THEN try_cast(substr({0}, 1, 10) AS DATE) END
"""

_STATEMENT = """
WITH local AS (
    SELECT rows.*, CAST(timezone(zone, captured_at) AS DATE) AS day, sweep_days,
           {created} AS created_day, {modified} AS modified_day,
           stream NOT IN ('messages', 'subscribers', 'moderation') AS open,
           open AND kind IN ('present', 'edited', 'extended', 'restored', 'snapshot') AS shown
    FROM rows, settled
    WHERE CAST(timezone(zone, captured_at) AS DATE) <= as_of
),
stream AS (SELECT account, stream, min(day) AS since FROM local GROUP BY account, stream),
class AS (
    SELECT stream.account, stream.stream, arg_min(content_class, place) AS content_class
    FROM stream JOIN classes
      ON classes.account IN ('*', stream.account) AND classes.stream IN ('*', stream.stream)
    GROUP BY stream.account, stream.stream
),
record AS (
    SELECT record_id, any_value(platform) AS platform, any_value(account) AS account,
           any_value(stream) AS stream, any_value(sweep_days) AS sweep_days,
           min(day) AS first_seen, max(day) AS last_seen, list_sort(list(leaf)) AS leaves,
           max(created_day) AS created_day, max(modified_day) AS modified_day,
           max(day) FILTER (kind = 'edited' AND generation_of IS NULL) AS edited_day,
           bool_or(shown OR open AND kind IN ('hidden', 'removed')) AS public,
           max(leaf) FILTER (shown AND generation_of IS NULL) AS last_shown
    FROM local WHERE kind NOT IN ('listing', 'residue') GROUP BY record_id
),
gone AS (
    SELECT record_id, min(day) AS removed
    FROM local JOIN record USING (record_id)
    WHERE kind IN ('hidden', 'held', 'removed', 'deleted') AND generation_of IS NULL
      AND public AND leaf > coalesce(last_shown, -1)
    GROUP BY record_id
)
SELECT record_id AS record, record.account, record.stream,
       coalesce(content_class, '') AS content_class, first_seen, created_day AS created,
       coalesce(created_day < since OR first_seen - created_day > sweep_days, false)
         AS created_claimed,
       CAST(NULL AS DATE) AS posted, false AS posted_claimed,
       CASE WHEN modified_day IS NULL OR edited_day >= modified_day THEN edited_day
            ELSE modified_day END AS modified,
       CASE WHEN modified_day IS NULL OR edited_day >= modified_day THEN false
            ELSE modified_day < since END AS modified_claimed,
       public, removed, platform, last_seen, leaves
FROM record JOIN stream ON stream.account = record.account AND stream.stream = record.stream
LEFT JOIN class ON class.account = record.account AND class.stream = record.stream
LEFT JOIN gone USING (record_id)
ORDER BY record_id
"""

SQL = _STATEMENT.format(created=_TOLD.format("created"), modified=_TOLD.format("modified"))

"""The retention engine as one SQL statement: the same answers as `archiver.retention.due`. Pure.

It reads the tables of `archiver.retention.compiled` and returns a row for each record, in the
order of their ids: ``record series then not_before blockers state``.
"""

from __future__ import annotations

__all__ = ["SQL"]

SQL = """
WITH inside AS MATERIALIZED (
    SELECT kind, place, record FROM member
    UNION
    SELECT kind, place, record
    FROM (SELECT record, stretch, last, leaf.leaf AS leaf
          FROM leaf ASOF JOIN stretches ON leaf.leaf >= stretches.first)
    JOIN covering USING (stretch) WHERE leaf <= last
),
classed AS (
    SELECT record, max(place) FILTER (NOT lengthens) AS base
    FROM inside JOIN classification USING (place) WHERE kind = 'classified' GROUP BY record
),
sort AS (SELECT DISTINCT account, stream, content_class FROM facts),
usual AS (
    SELECT DISTINCT s.account, s.stream, s.content_class, d.series
    FROM sort s JOIN fallback d
      ON d.account IN ('*', s.account) AND d.stream IN ('*', s.stream)
     AND d.content_class IN ('*', s.content_class)
),
named AS (
    SELECT f.record, u.series AS name, false AS added
    FROM facts f JOIN usual u
      ON u.account = f.account AND u.stream = f.stream AND u.content_class = f.content_class
    LEFT JOIN classed USING (record) WHERE base IS NULL
    UNION
    SELECT record, series, lengthens
    FROM inside JOIN classification USING (place) JOIN classed USING (record)
    WHERE kind = 'classified' AND place >= coalesce(base, 0)
    UNION
    SELECT record, name, false FROM facts, rows WHERE everything
),
assigned AS (SELECT record, name, bool_and(added) AS added FROM named GROUP BY record, name),
known AS (
    SELECT *, coalesce(created, posted, first_seen) AS made,
           CASE WHEN created IS NOT NULL THEN created_claimed
                WHEN posted IS NOT NULL THEN posted_claimed ELSE false END AS made_claimed,
           coalesce(posted, created, first_seen) AS shown,
           CASE WHEN posted IS NOT NULL THEN posted_claimed
                WHEN created IS NOT NULL THEN created_claimed ELSE false END AS shown_claimed
    FROM facts
),
asked AS (
    SELECT record, name, false AS floor FROM assigned
    UNION ALL
    SELECT DISTINCT record, name, true FROM facts, term WHERE floor
),
started AS (
    SELECT asked.record, asked.name, asked.floor, combine, cutoff, known, months, days,
           trigger <> 'removed-from-public' OR public OR removed IS NOT NULL AS applies,
           CASE trigger
             WHEN 'event' THEN list_max([own.day, whole.day, every.day])
             WHEN 'removed-from-public' THEN removed
             WHEN 'created' THEN made
             WHEN 'posted' THEN shown
             ELSE CASE WHEN modified > shown THEN modified ELSE shown END
           END AS began,
           CASE trigger
             WHEN 'event' THEN false
             WHEN 'removed-from-public' THEN false
             WHEN 'created' THEN made_claimed
             WHEN 'posted' THEN shown_claimed
             ELSE CASE WHEN modified > shown THEN modified_claimed
                       WHEN modified = shown THEN modified_claimed OR shown_claimed
                       ELSE shown_claimed END
           END AS claimed
    FROM asked JOIN known f USING (record)
    JOIN term ON term.name = asked.name AND term.floor = asked.floor
    LEFT JOIN event own ON own.name = term.event AND own.subject = f.record
    LEFT JOIN event whole ON whole.name = term.event AND whole.subject = f.account
    LEFT JOIN event every ON every.name = term.event AND every.subject = '*'
),
fiscal AS (
    SELECT started.*, as_of,
           make_date(year(began), fiscal_month, least(fiscal_day,
               day(last_day(make_date(year(began), fiscal_month, 1))))) AS same,
           make_date(year(began) + 1, fiscal_month, least(fiscal_day,
               day(last_day(make_date(year(began) + 1, fiscal_month, 1))))) AS next
    FROM started, settled
),
cut AS (
    SELECT *, CASE cutoff
             WHEN 'month-end' THEN last_day(began)
             WHEN 'calendar-year-end' THEN make_date(year(began), 12, 31)
             WHEN 'fiscal-year-end' THEN CASE WHEN began <= same OR year(began) = 9999
                                              THEN same ELSE next END
             ELSE began END AS begins
    FROM fiscal
),
ended AS (
    SELECT *, CASE WHEN known AND began IS NOT NULL THEN least(DATE '9999-12-31',
                  CAST(days AS INTEGER) + least(DATE '9999-12-31',
                      CAST(begins + to_months(CAST(months AS INTEGER)) AS DATE))) END AS ends
    FROM cut
),
clocks AS (
    SELECT record, name, floor,
           CASE WHEN any_value(combine) = 'earliest_of'
                THEN CASE WHEN count(began) > 0 AND count(ends) = count(began)
                          THEN min(ends) END
                WHEN count(*) > 0 AND count(ends) = count(*) THEN max(ends) END AS ends,
           coalesce(bool_or(claimed) FILTER (began IS NOT NULL), false) AS claimed
    FROM ended WHERE combine = 'all_of' OR applies GROUP BY record, name, floor
),
candidate AS (
    SELECT a.record, rows.name, added, place, keeps, problem, "then",
           CASE WHEN keeps < 2 THEN ends END AS ends, coalesce(claimed, false) AS claimed
    FROM assigned a JOIN rows USING (name)
    LEFT JOIN clocks c ON c.record = a.record AND c.name = a.name AND NOT c.floor
),
first AS (
    SELECT * FROM candidate WHERE NOT added
    QUALIFY row_number() OVER (PARTITION BY record ORDER BY problem IS NULL DESC, keeps DESC,
        place DESC, coalesce(ends, DATE '9999-12-31') DESC, name) = 1
),
governing AS (
    SELECT c.* FROM candidate c JOIN first USING (record)
    WHERE c.name = first.name OR (c.added AND c.problem IS NULL AND first.problem IS NULL
      AND (c.keeps > first.keeps OR (c.keeps = first.keeps AND
           coalesce(c.ends, DATE '9999-12-31') > coalesce(first.ends, DATE '9999-12-31'))))
    QUALIFY row_number() OVER (PARTITION BY c.record ORDER BY c.keeps DESC,
        coalesce(c.ends, DATE '9999-12-31') DESC, c.name) = 1
),
beside AS (
    SELECT g.record, count(c.record) AS held_back,
           bool_or(c.ends IS NULL) AS endless, max(c.ends) AS ends, bool_or(c.claimed) AS claimed,
           list(DISTINCT c.problem) FILTER (c.ends IS NULL AND c.problem IS NOT NULL) AS problems
    FROM governing g JOIN first USING (record) JOIN candidate c
      ON c.record = g.record AND first.problem IS NULL AND c.name <> g.name
     AND (c.name = first.name OR (c.added AND c.problem IS NULL)
          OR (c.problem IS NOT NULL AND (c.keeps > 0 OR c.place >= first.place)))
    GROUP BY g.record
),
floors AS (SELECT record, max(ends) AS ends FROM clocks WHERE floor GROUP BY record),
held AS (SELECT DISTINCT record FROM inside WHERE kind = 'hold'),
seen AS (SELECT DISTINCT record FROM inside WHERE kind = 'reviewed'),
told AS (
    SELECT f.record, g.name, g."then", g.keeps, g.problem, g.ends AS own_ends,
           CASE WHEN g.ends IS NULL OR coalesce(b.endless, false) THEN NULL
                ELSE greatest(g.ends, coalesce(b.ends, g.ends)) END AS last_day,
           coalesce(fl.ends, DATE '0001-01-01') AS floor_ends,
           held.record IS NOT NULL AS on_hold,
           (coalesce(g.claimed, false) OR coalesce(b.claimed, false))
             AND seen.record IS NULL AS unreviewed,
           coalesce(b.problems, []) AS problems
    FROM facts f LEFT JOIN governing g USING (record) LEFT JOIN beside b USING (record)
    LEFT JOIN floors fl USING (record) LEFT JOIN held USING (record) LEFT JOIN seen USING (record)
),
judged AS (
    SELECT *, CASE WHEN last_day < DATE '9999-12-31' AND floor_ends < DATE '9999-12-31'
                   THEN greatest(last_day, floor_ends) + 1 END AS not_before,
           list_sort(list_distinct(list_concat(problems, [
               problem, CASE WHEN on_hold THEN 'hold' END,
               CASE WHEN unreviewed THEN 'claimed-date' END])))
             AS blockers
    FROM told
)
SELECT record, coalesce(name, '') AS series, coalesce("then", '') AS "then", not_before, blockers,
       CASE WHEN name IS NULL THEN 'unscheduled'
            WHEN keeps = 2 THEN 'permanent'
            WHEN own_ends IS NULL THEN
              CASE WHEN problem IN ('period-required', 'unknown-series') THEN 'refused'
                   ELSE 'awaiting-event' END
            WHEN not_before IS NULL THEN 'blocked'
            WHEN as_of < not_before THEN 'not-due'
            WHEN problem IS NOT NULL THEN 'would-be-due'
            WHEN len(blockers) > 0 THEN 'blocked'
            ELSE 'eligible' END AS state
FROM judged, settled
ORDER BY record
"""

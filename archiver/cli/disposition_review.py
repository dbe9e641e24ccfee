"""What whoever signs an order to destroy is shown first, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.cli.output import Output

__all__ = ["review"]

SHOWN = 20
"""Acts that are printed one by one."""


def review(output: Output, document: Mapping[str, Any]) -> None:
    """Print what whoever signs an order should have read."""
    if "extraordinary" in document:
        _extraordinary(output, document)
        return
    counts, dates, outside = document["counts"], document["dates"], document["outside"]
    moves = document.get("then") == "transfer" and outside is not None
    to = document.get("receiver", outside["to"] if outside else "")
    first = f"transferred to {to}, then " if moves else ""
    what = f"{counts['records']} records of {document['series']}"
    output.say(f"To be {first}destroyed: {what}", "bold")
    output.say(f"  {document['title']} [{document['citation']}], version {document['version']}")
    output.say(f"  {dates['first']} to {dates['last']}, {counts['versions']} versions and parts,")
    output.say(f"  {counts['bytes']} bytes; due on {document['as_of']} ({document['zone']})")
    if document["reason"]:
        output.say(f"  Reason: {document['reason']}")
    _residue(output, document)
    for one in document["left_out"]:
        blockers = f" ({', '.join(one['blockers'])})" if one["blockers"] else ""
        output.say(f"  Left out: {one['records']} {one['state']}{blockers}")
    sooner = document["sooner"]
    output.say(f"Acts that made some of it due sooner: {len(sooner)}. Look at each of them.")
    for one in sooner[:SHOWN]:
        who = " and ".join(one["signers"])
        output.say(f"  entry {one['entry']}, {one['sealed'][:10]}: {one['act']} by {who}")
        output.say(f"    {one['what']}")
    if len(sooner) > SHOWN:
        output.say(f"  and {len(sooner) - SHOWN} more: see --json")
    if outside is None:
        output.say("No pack that applies asks for a certificate or notice.")
    else:
        told = f"{outside['kind']} to {outside['to']}, {outside['days']} days"
        output.say(f"Before anything goes: {told} [{outside['citation']}]")


def _extraordinary(output: Output, document: Mapping[str, Any]) -> None:
    from archiver.flows.extraordinary import KINDS

    counts = document["counts"]
    output.say(f"To be removed, BY NO SCHEDULE: {counts['records']} records", "bold red")
    output.say(f"  {document['extraordinary']}: {KINDS.get(document['extraordinary'], '?')}")
    output.say(f"  Authority: {document['authority']}")
    output.say(f"  {counts['versions']} versions and parts, {counts['bytes']} bytes")
    if document["reason"]:
        output.say(f"  Reason: {document['reason']}")
    _residue(output, document)
    paper = document["copy_sha256"] or "none was given"
    output.say(f"  SHA-256 of the paper: {paper}")
    output.say("Once it is sealed nobody is shown them. Retention is not asked.")


def _residue(output: Output, document: Mapping[str, Any]) -> None:
    """Print what is left over of answers beside the records: what goes of it, and what does not."""
    for one in document.get("residue", ()):
        where = f"exchange {one['exchange']} of account {one['account']}"
        output.say(f"  Residue, by no rule: {one['record']}", "bold")
        output.say(f"    {where}, less than {one['bytes_below']} bytes; {one['why']}")
    left, unread = document.get("residue_left", 0), document.get("residue_unread", 0)
    if left:
        output.say(
            f"  {left} parts of answers that no parser claims keep it waiting: --with-residue"
        )
    if unread:
        output.say(f"  {unread} segments can't be read here: nobody looked for residue in them")

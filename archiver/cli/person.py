"""Commands about people: enrol, role, list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.files import LARGEST_KEY, read_small
from archiver.cli.options import (
    ArchiveOption,
    HomeOption,
    JsonOption,
    SignOption,
    opened,
    signing_keys,
)
from archiver.cli.output import Output
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.registry.acts import Act

__all__ = ["app"]

app = typer.Typer(help="People: their own keys, and what each may decide.", no_args_is_help=True)


@app.command()
def enrol(  # noqa: PLR0913, PLR0917 - each is an option of the command
    name: Annotated[str, typer.Argument(metavar="NAME", help="The person's name.")],
    key: Annotated[
        str,
        typer.Option(
            "--key", metavar="FILE|URI", help="The person's key file or pkcs11: URI; made if new."
        ),
    ],
    office: Annotated[str, typer.Option(help="The person's office.")] = "",
    role: Annotated[
        list[str] | None,
        typer.Option(help="A first role. Once two people govern, use `person role`."),
    ] = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Enrol a person: pin the keys in the ledger. File or token stay with the person.

    A key in a token is named by a URI of RFC 7512, as
    `pkcs11:token=City;object=clerk?module-path=/usr/lib/softhsm/libsofthsm2.so`.
    The PIN is asked for, or read from `pin-source=file:/path` or `env:NAME` in it.
    """
    from archiver.flows.people import enrol as enrol_person
    from archiver.wire import own_person_key

    output = Output("person-enrol", as_json=as_json)
    here = opened(archive, home)
    own = own_person_key(key)
    enrol_person(here, own, name, office, role or [])
    output.say(f"{name} is enrolled as {own.handle}.")
    output.say(f"Key: {key}")
    output.say("Whoever has it signs in that name: keep it, and of a file a safe copy.")
    if not own.reading:
        output.say("The token has no reading key (X25519): it opens nothing that is sealed.")
    output.result({"person": own.handle, "key": own.verifier_key, "roles": role or []})


@app.command("role")
def role_(  # noqa: PLR0913, PLR0917 - each is an option of the command
    person: Annotated[str, typer.Argument(metavar="[PERSON]", help="Name or handle.")] = "",
    role: Annotated[str, typer.Argument(metavar="[ROLE]", help="The role to give.")] = "",
    take: Annotated[bool, typer.Option("--take", help="Take the role instead.")] = False,
    sign: SignOption = None,
    act: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Sign what another began, in place of PERSON ROLE."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the act for the next to sign; seal nothing."),
    ] = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Give a person a role, or take it: two people who govern must sign.

    A role counts three days after it is sealed; taking one counts at once.
    """
    from archiver.flows.people import seal_act
    from archiver.flows.people import sign as sign_act

    output = Output("person-role", as_json=as_json)
    here = opened(archive, home)
    made = sign_act(_act(here, person, role, act, take=take), signing_keys(sign))
    if out is not None:
        out.write_bytes(made.encode())
        output.say(f"Signed by {len(made.signatures)}, not sealed: {out}")
    else:
        seal_act(here, made)
        output.say(f"Sealed: {made.statement['act']} {made.statement['role']}.")
    output.result({"act": made.document(), "sealed": out is None})


def _act(archive: Archive, person: str, role: str, file: Path | None, *, take: bool) -> Act:
    from archiver.flows.people import change, read_act

    if (file is None) != bool(person and role):
        raise UsageError("give PERSON and ROLE, or --act FILE", mend="archiver person role --help")
    return change(archive, person, role, revoke=take) if file is None else read_act(_read(file))


def _read(file: Path) -> bytes:
    return read_small(str(file), LARGEST_KEY)


@app.command("list")
def list_(archive: ArchiveOption = "", home: HomeOption = "", as_json: JsonOption = False) -> None:
    """List who is enrolled, and which roles count since when."""
    from archiver.flows.people import listed

    output = Output("person-list", as_json=as_json)
    people = listed(opened(archive, home))
    output.table(
        ("person", "name", "office", "roles"),
        [(one["person"], one["name"], one["office"], _roles(one)) for one in people],
    )
    output.result(people)


def _roles(person: dict[str, Any]) -> str:
    return ", ".join(
        one["role"] if one["counts"] else f"{one['role']} (from {one['from'][:16]})"
        for one in person["roles"]
    )

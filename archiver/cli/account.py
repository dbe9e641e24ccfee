"""Commands about accounts: add, list, show, approve, retire, credential."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.connector import say_notes
from archiver.cli.options import (
    ArchiveOption,
    HomeOption,
    JsonOption,
    KeyOption,
    opened,
    person_key,
)
from archiver.cli.output import Output, Steps, say_concerns
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.registry.accounts import Account

__all__ = ["app"]

app = typer.Typer(
    help="City accounts: who is responsible, and which may be captured.", no_args_is_help=True
)

NameArgument = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's name here.")]
ByOption = Annotated[
    str,
    typer.Option("--by", help="Who decides: name and office. Once people are enrolled, --key."),
]
YesOption = Annotated[
    bool, typer.Option("--yes", help="Don't ask; the notes are shown all the same.")
]
CredentialOption = Annotated[
    list[str] | None,
    typer.Option(
        "--credential",
        metavar="FIELD=env:NAME",
        help="A credential field, read from an environment variable at each use. "
        "FIELD=- asks for it on standard input and keeps it in the home.",
    ),
]


def _data(account: Account) -> dict[str, str]:
    return {
        "name": account.name,
        "platform": account.platform,
        "url": account.url,
        "status": account.status,
        "custodian": account.custodian,
        "department": account.department,
        "note": account.note,
        "decided_by": account.decided_by,
        "changed_at": account.changed_at,
        "notes": account.notes,
        "anyway": account.anyway,
        "scope": account.scope,
    }


def _credential(options: list[str] | None) -> dict[str, str]:
    """Return credential fields; no secret is ever an argument others can see."""
    found: dict[str, str] = {}
    for option in options or []:
        name, separator, value = option.partition("=")
        if not separator or not (value == "-" or value.startswith("env:")):
            raise UsageError(
                "a credential is not given on the command line, where others can read it",
                where=name,
                mend=f"write {name or 'FIELD'}=env:VARIABLE, or {name or 'FIELD'}=- "
                "to type or pipe it in",
            )
        if value == "-":
            value = _typed(name)
        elif not os.environ.get(value.removeprefix("env:")):
            variable = value.removeprefix("env:")
            mend = f"export {variable} before the command"
            raise UsageError(f"{variable or 'the variable'} is not set", where=name, mend=mend)
        found[name] = value
    return found


def _typed(name: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(name, hide_input=True, err=True))
    value = sys.stdin.readline().rstrip("\r\n")
    if not value:
        raise UsageError(
            "nothing came on standard input", where=name, mend="pipe one line for each FIELD=-"
        )
    return value


@app.command()
def add(  # noqa: PLR0913, PLR0917 - each is an option of the command
    name: NameArgument,
    platform: Annotated[str, typer.Option(help="See `archiver connector list`.")],
    url: Annotated[str, typer.Option(help="The account's address.")],
    custodian: Annotated[str, typer.Option(help="Who answers for its records.")] = "",
    department: Annotated[str, typer.Option(help="The city department.")] = "",
    note: Annotated[str, typer.Option(help="Anything worth knowing.")] = "",
    scope: Annotated[
        str,
        typer.Option(help="What of a website is captured: 'depth=20 pages=5000 prefix=/news'."),
    ] = "",
    credential: CredentialOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Request that an account be archived. It is captured once it is approved."""
    from archiver.flows.accounts import able
    from archiver.flows.accounts import add as add_account

    output = Output("account-add", as_json=as_json)
    able(platform, url, scope)  # before anybody is asked for a password
    request = {
        "name": name,
        "platform": platform,
        "url": url,
        "custodian": custodian,
        "department": department,
        "note": note,
        "scope": scope,
    }
    made = add_account(opened(archive, home), request, _credential(credential))
    output.say(f"Account {made.name} is requested. Next: archiver account approve {made.name}")
    output.result(_data(made))


@app.command("list")
def list_(archive: ArchiveOption = "", home: HomeOption = "", as_json: JsonOption = False) -> None:
    """List all accounts."""
    from archiver.flows.accounts import registry

    output = Output("account-list", as_json=as_json)
    accounts = registry(opened(archive, home)).values()
    output.table(
        ("account", "platform", "status", "department", "custodian", "address"),
        [(a.name, a.platform, a.status, a.department, a.custodian, a.url) for a in accounts],
    )
    output.result([_data(account) for account in accounts])


@app.command()
def show(
    name: NameArgument,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show one account."""
    from archiver.flows.accounts import find
    from archiver.flows.standing import standing_of
    from archiver.flows.status import concerns_of

    output = Output("account-show", as_json=as_json)
    here = opened(archive, home)
    account = find(here, name)
    data = _data(account)
    output.table(("", ""), list(data.items()))
    login = standing_of(here, account)
    if login is not None:
        _say_login(output, login)
    concerns = concerns_of(here, account)
    say_concerns(output, concerns)
    more = {"login": login, "concerns": concerns, "legal": say_notes(output, account.platform)}
    output.result({**data, **more})


def _say_login(output: Output, login: dict[str, Any]) -> None:
    """Print what the platform says of a login."""
    ends = ", ".join(f"{one['what']} on {one['at'][:16]}Z" for one in login["ends"])
    output.say(f"\nThe login ends: {ends or 'the platform names no end'}")
    scopes = login["scopes"]
    output.say(f"It may: {'not told' if scopes is None else ', '.join(scopes) or 'nothing'}")


@app.command()
def approve(  # noqa: PLR0913, PLR0917 - each is an option of the command
    name: NameArgument,
    by: ByOption = "",
    key: KeyOption = "",
    yes: YesOption = False,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Approve an account for capture, having read what law and terms say of it.

    The notes are shown first, and the decision says so by their digest. At a terminal you are
    asked whether to go on.
    """
    from archiver.flows.accounts import approve as approve_account
    from archiver.flows.accounts import find
    from archiver.flows.legal import digest_of

    output = Output("account-approve", as_json=as_json)
    here = opened(archive, home)
    platform = find(here, name).platform
    notes = say_notes(output, platform)
    asks = sys.stdin.isatty() and not (yes or as_json)
    if asks and not typer.confirm(f"Approve {name} for capture?"):
        output.say("Nothing was changed.")
        raise typer.Exit(1)
    signer = person_key(key, archive, home)
    made = approve_account(here, name, by, signer, notes=digest_of(platform))
    output.say(f"Account {made.name} is approved by {made.decided_by}.")
    output.result({**_data(made), "legal": notes})


@app.command()
def retire(  # noqa: PLR0913, PLR0917 - each is an option of the command
    name: NameArgument,
    by: ByOption = "",
    key: KeyOption = "",
    anyway: Annotated[
        str,
        typer.Option(metavar="REASON", help="Why, although something is not explained; kept."),
    ] = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Retire an account: it is captured no more; its records stay.

    First everything is read once more. Where something is missing that nothing explains, or
    the platform can't be read, it is refused: then --anyway says why all the same.
    """
    from archiver.flows.retirement import retire as retire_account

    output = Output("account-retire", as_json=as_json)
    here, person = opened(archive, home), person_key(key, archive, home)
    with Steps() as steps:
        retired = retire_account(here, name, by, steps, key=person, anyway=anyway)
    for one in retired.unexplained:
        output.say(f"not explained: {one}", "yellow")
    output.say(f"Account {name} is retired. Its records stay.")
    output.result(_data(retired.account))


@app.command("credential")
def credential_(
    name: NameArgument,
    credential: CredentialOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Give an account a new credential. It stays in this home."""
    from archiver.flows.accounts import renew_credential

    output = Output("account-credential", as_json=as_json)
    fields = renew_credential(opened(archive, home), name, _credential(credential))
    output.say(f"Account {name} has a new credential ({', '.join(fields)}).")
    output.result({"name": name, "fields": fields})

"""Commands about what platforms send by themselves: serve, list, settle, subscribe."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, opened, settings
from archiver.cli.output import Output, Steps
from archiver.errors import UsageError

__all__ = ["app"]

app = typer.Typer(
    help="What platforms send by themselves: receive it, and settle it.", no_args_is_help=True
)

LARGEST_PORT = 65_535
UrlOption = Annotated[
    str,
    typer.Option(
        "--url", metavar="URL", help="Address that platforms call; or webhook_url in the settings."
    ),
]


@app.command()
def serve(  # noqa: PLR0913, PLR0917 - each is an option of the command
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where to listen; port 0: any free one.")
    ] = "127.0.0.1:8095",
    url: UrlOption = "",
    tls_cert: Annotated[str, typer.Option(metavar="FILE", help="Certificate chain (PEM).")] = "",
    tls_key: Annotated[str, typer.Option(metavar="FILE", help="Its private key (PEM).")] = "",
    proxy: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="A proxy whose X-Forwarded-For is believed."),
    ] = None,
    settle_every: Annotated[
        float,
        typer.Option(metavar="SECONDS", min=0.1, max=3600, help="Between two seals when busy."),
    ] = 15.0,
    settle: Annotated[
        bool, typer.Option(help="Settle in a process beside; else `webhook settle` or `capture`.")
    ] = True,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Receive what platforms send, until interrupted; put a proxy with TLS before it.

    A delivery is checked and on disk before it is answered, and sealed soon after. The log on
    standard error has a line for each that was refused.
    """
    from archiver.wire.webhooks import Receiving, receive

    output = Output("webhook-serve", as_json=as_json)
    found = settings(archive, home)
    host, port = _address(listen)
    if bool(tls_cert) != bool(tls_key):
        raise UsageError("TLS needs a certificate and its key", mend="give both of them")
    base = url.rstrip("/") or found.webhook_url or f"http://{listen}"
    tls = _file(tls_cert), _file(tls_key)
    how = Receiving(host, port, base, settle_every, *tls, tuple(proxy or ()), settle)

    def ready(address: str) -> None:
        output.say(f"Receiving at {address}/hooks/, called as {how.base}/hooks/")
        output.result({"listening": address, "url": how.base})
        sys.stdout.flush()

    receive(found, how, ready)


@app.command("list")
def list_(
    url: UrlOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """List the addresses to enter at each platform, and what is lacking there."""
    from archiver.flows.hooks import hooks_of, path_of

    output = Output("webhook-list", as_json=as_json)
    base = url.rstrip("/") or settings(archive, home).webhook_url
    here = opened(archive, home)
    rows: list[dict[str, Any]] = []
    for one in hooks_of(here):
        files = here.open_inbox(one.account.handle).pending() if here.open_inbox else ()
        rows.append(
            {
                "account": one.account.name,
                "platform": one.account.platform,
                "url": base + path_of(one.account),
                "fields": list(one.connector.webhook_fields),
                "lacking": one.lacking,
                "waiting": sum(file.last - file.first + 1 for file in files),
            }
        )
    output.table(
        ("account", "platform", "address", "waiting", "lacking"),
        [(r["account"], r["platform"], r["url"], r["waiting"], r["lacking"]) for r in rows],
    )
    if not base:
        output.say("Platforms need the whole address: set webhook_url in archiver.toml.", "yellow")
    output.result(rows)


@app.command("settle")
def settle_(
    accounts: Annotated[
        list[str] | None, typer.Argument(metavar="[ACCOUNT]...", help="Default: all that wait.")
    ] = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Settle and seal what waits now, as every capture does first."""
    from archiver.flows.capture import settle_inbox
    from archiver.flows.settle_waiting import waiting

    output = Output("webhook-settle", as_json=as_json)
    here = opened(archive, home)
    names = accounts or sorted(waiting(here).values())
    with Steps() as steps:
        reports = [settle_inbox(here, name, steps) for name in names]
    for one in reports:
        news = ", ".join(f"{count} {stream}" for stream, count in sorted(one.told.items()))
        output.say(f"{one.account}: {one.events} deliveries, news: {news or 'none'}")
    if not reports:
        output.say("Nothing waits.")
    findings = [
        {"code": "delivery-unclear", "message": why, "where": f"{one.account}: {name}",
         "mend": "nothing is lost: what was not understood is kept as residue; see the docs"}
        for one in reports for name, why in sorted(one.unheard.items())
    ]  # fmt: skip
    for finding in findings:
        output.say(f"{finding['where']}: {finding['message']}", "yellow")
    fields = ("account", "requests", "recovered", "observations", "events", "told", "unheard")
    data = [{name: asdict(one)[name] for name in fields} for one in reports]
    output.result(data, ok=not findings, findings=findings)
    raise typer.Exit(output.exit_code)


@app.command()
def subscribe(  # noqa: PLR0913, PLR0917 - each is an option of the command
    name: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's name here.")],
    hub: Annotated[str, typer.Option(help="The hub that its feed names; told if left out.")] = "",
    url: UrlOption = "",
    end: Annotated[bool, typer.Option("--end", help="Have the hub send nothing more.")] = False,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Have a feed's hub send what is new (WebSub); `webhook serve` must run, and renews it."""
    from archiver.flows import subscribing

    output = Output("webhook-subscribe", as_json=as_json)
    base = url.rstrip("/") or settings(archive, home).webhook_url
    here = opened(archive, home)
    if end:
        found = subscribing.unsubscribe(here, name)
    elif base:
        found = subscribing.subscribe(here, name, base, hub)
    else:
        mend = "give --url, or webhook_url in the settings"
        raise UsageError("where does the hub reach the receiver?", mend=mend)
    output.say(f"{found.hub} is asked to send {'nothing more' if end else 'news'} of {found.topic}")
    output.result({"account": name, "hub": found.hub, "topic": found.topic, "ended": end})


def _address(listen: str) -> tuple[str, int]:
    host, colon, port = listen.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) <= LARGEST_PORT):
        raise UsageError(
            "not where to listen", where=listen, mend="write HOST:PORT, such as 127.0.0.1:8095"
        )
    return host, int(port)


def _file(path: str) -> Path | None:
    if path and not Path(path).is_file():
        raise UsageError("there is no such file", where=path, mend="give a PEM file")
    return Path(path) if path else None

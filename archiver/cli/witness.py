"""Commands of a witness: it cosigns the ledgers of others, and has no archive."""

from __future__ import annotations

import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from archiver.cli.options import JsonOption
from archiver.cli.output import Output
from archiver.errors import UsageError

__all__ = ["app"]

app = typer.Typer(help="Be a witness for the ledgers of others (c2sp.org/tlog-witness).")

LARGEST_PORT = 65_535
DirOption = Annotated[str, typer.Option("--dir", help="The witness's own folder.")]


@app.command()
def init(
    name: Annotated[str, typer.Option(help="Its name, such as witness.example.gov/w1.")],
    log: Annotated[
        list[str], typer.Option(help="Public key of an archive to cosign, as `init` printed it.")
    ],
    folder: DirOption = "witness",
    as_json: JsonOption = False,
) -> None:
    """Make a witness: its keys, and which archives it knows."""
    from archiver.wire import create_witness

    output = Output("witness-init", as_json=as_json)
    signers = create_witness(Path(folder), name, log)
    keys = [one.verifier_key for one in signers]
    output.say(f"New witness in {folder}. Its public keys (Ed25519, ML-DSA-44):")
    for key in keys:
        output.say(key)
    output.say("Give them to whoever runs or verifies the archive, by a way that can be trusted.")
    output.say(f"Back up {folder}/keys. Next: archiver witness serve --dir {folder}")
    output.result({"folder": folder, "keys": keys, "logs": list(log)})


@app.command()
def serve(
    folder: DirOption = "witness",
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=LARGEST_PORT, help="Port to listen at; 0: any free one.")
    ] = 8090,
    as_json: JsonOption = False,
) -> None:
    """Serve the witness until interrupted; put a reverse proxy with TLS before it."""
    from archiver.wire import open_witness, witness_server

    output = Output("witness-serve", as_json=as_json)
    witness = open_witness(Path(folder))
    try:
        server = witness_server(witness, host, port, _report)
    except OSError as error:
        raise UsageError(
            f"can't listen: {error.strerror}",
            where=f"{host}:{port}",
            mend="give another --host or --port",
        ) from error
    output.say(f"Witness for {len(witness.known())} logs at {server.url}")
    output.result({"url": server.url, "logs": list(witness.known())})
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, _end)
    server.serve()


def _report(error: Exception) -> None:
    """Tell the operator, on standard error, why the witness could not answer."""
    sys.stderr.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} not answered: {error}\n")


def _end(*_: object) -> None:
    """End in order: what was answered is on disk."""
    raise SystemExit(0)

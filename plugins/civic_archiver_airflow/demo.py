"""A demo city, its archive, and the Airflow that keeps it: ``make up`` and ``make down``.

::

    python -m civic_archiver_airflow.demo up FOLDER [local|server]
    python -m civic_archiver_airflow.demo down FOLDER

Every ``up`` begins anew. The credentials are connections of Airflow's; the archive's home
has none.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.demo.city import City
from archiver.demo.presences import presences
from archiver.errors import ArchiverError, UsageError
from archiver.flows import accounts
from archiver.flows.connectors import connector
from archiver.settings import Settings
from archiver.wire import create_archive, create_witness, open_archive
from civic_archiver_airflow.names import POOLS, connection_id
from civic_archiver_airflow.processes import Programs
from civic_archiver_airflow.server import Server
from civic_archiver_airflow.standalone import Standalone, free_port

if TYPE_CHECKING:
    from collections.abc import Collection

    from archiver.demo.presences import Presence

__all__ = ["connections", "down", "found", "prepare", "up", "variables_of", "witnessed"]

MARK = ".civic-archiver-airflow"
CLERK = "R. Alvarez, City Clerk"
CITY = "city"
PORT = 28580
WITNESS = "witness"
DAGS = frozenset({"anchor", "capture", "operations", "reconcile"})
PROFILES: dict[str, type[Standalone]] = {"local": Standalone, "server": Server}
EVERY_MINUTE, EVERY_FIVE, EVERY_TEN = "* * * * *", "*/5 * * * *", "*/10 * * * *"
SETTINGS = """\
[anchors]
operator = "Example City"

[[anchors.witness]]
url = "http://127.0.0.1:{port}/"
keys = {keys}
operator = "Example County, on the same machine"

[budgets]
youtube = 1000000
"""
"""The stand-in of YouTube has no quota; a real one's would last for six hours of every minute."""


def up(folder: Path, profile: str = "local") -> None:
    """Start a city, found an archive of it, and have Airflow keep it.

    ``profile``: `Standalone`, or in parts (`Server`).
    """
    began = time.monotonic()
    folder = folder.resolve()
    programs = Programs(folder)
    if running := programs.running():
        raise UsageError(f"{', '.join(running)} still run", where=str(folder), mend="make down")
    _make_room(folder)
    address = folder / "city-address"
    command: list[str | Path] = [sys.executable, "-m", "archiver.demo.live", address]
    programs.start(CITY, command, os.environ)
    variables = witnessed(folder, found(folder, _written(address)), programs)
    variables |= {
        "AIRFLOW__CIVIC_ARCHIVER__ANCHOR_SCHEDULE": EVERY_FIVE,
        "AIRFLOW__CIVIC_ARCHIVER__CAPTURE_SCHEDULE": EVERY_MINUTE,
        "AIRFLOW__CIVIC_ARCHIVER__RECONCILE_SCHEDULE": EVERY_TEN,
    }
    airflow = PROFILES[profile](folder, variables, _port())
    airflow.start()
    airflow.wait(set(DAGS))
    prepare(airflow)
    _remember(folder, airflow)
    _tell(folder, airflow, address.read_text("utf-8").strip(), time.monotonic() - began)


def down(folder: Path) -> None:
    """Stop what ``up`` started. What it made stays."""
    stopped = Programs(folder.resolve()).stop()
    _say(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")


def found(folder: Path, url: str, only: Collection[str] = ()) -> dict[str, str]:
    """Found an archive of the city at ``url``; return the variables that name it.

    Args:
        folder: where archive and home go.
        url: the city's address.
        only: the accounts to register; all of them unless told.
    """
    settings = Settings(str(folder / "archive"), folder / "home")
    archive = create_archive(settings)
    for one in presences(City(), only):
        about = {"name": one.name, "platform": one.platform, "url": url + one.path}
        unset = {field: f"env:{name}" for field, name in _variables(one).items()}
        accounts.add(archive, {**about, "custodian": CLERK}, {**one.credential, **unset})
        accounts.approve(archive, one.name, CLERK)
    return {"ARCHIVER_ARCHIVE": settings.archive, "ARCHIVER_HOME": str(settings.home)}


def witnessed(folder: Path, variables: dict[str, str], programs: Programs) -> dict[str, str]:
    """Start a witness of the archive in a folder; return the variables with its settings.

    Everybody sees how it works, and every report says that this witness is not independent.
    """
    logs = open_archive(Settings(str(folder / "archive"), folder / "home")).identity.keys
    place, port, settings = folder / WITNESS, free_port(), folder / "archiver.toml"
    keys = [one.verifier_key for one in create_witness(place, "witness.example/county", logs)]
    settings.write_text(SETTINGS.format(port=port, keys=json.dumps(keys)), "utf-8")
    program = Path(sys.executable).with_name("archiver")
    command = (program, "witness", "serve", "--dir", place, "--port", str(port))
    programs.start(WITNESS, command, os.environ)
    return {**variables, "ARCHIVER_CONFIG": str(settings)}


def variables_of() -> dict[str, str]:
    """Return the variables from which the home would take secrets; ``up`` sets none."""
    return {
        variable: one.credential[field]
        for one in presences(City())
        for field, variable in _variables(one).items()
    }


def _variables(one: Presence) -> dict[str, str]:
    """Return the variable of each secret field: ``CITY_BLOG_PASSWORD``."""
    secret = connector(one.platform).secret_fields
    return {field: f"{one.name}_{field}".replace("-", "_").upper() for field in secret}


def prepare(airflow: Standalone) -> None:
    """Make the pools and the connections, and let the DAGs run."""
    for name, pool in json.loads(POOLS.read_text("utf-8")).items():
        airflow.api("POST", "pools", {"name": name, **pool})
    for connection in connections().values():
        airflow.api("POST", "connections", connection)
    for dag in sorted(DAGS):
        airflow.api("PATCH", f"dags/{dag}", {"is_paused": False})


def connections() -> dict[str, dict[str, str]]:
    """Return, by account, the connections as Airflow's REST interface takes them."""
    return {
        one.name: {
            "connection_id": connection_id(one.name),
            "conn_type": "civic_platform",
            "schema": one.name,
            **_fields(one),
        }
        for one in presences(City())
        if one.credential
    }


def _fields(one: Presence) -> dict[str, str]:
    """Return a credential by the names of a connection (`credentials.stored` reads it back).

    Beside a login and a password there is the extra: it takes what is left, by our own names.
    """
    kind = connector(one.platform)
    password = kind.secret_fields[0]
    login = next((name for name in kind.credential_fields if name not in kind.secret_fields), "")
    left = {n: v for n, v in one.credential.items() if n not in {login, password}}
    found = {"login": one.credential.get(login, ""), "password": one.credential[password]}
    return found | ({"extra": json.dumps(left)} if left else {})


def _make_room(folder: Path) -> None:
    if folder.exists():
        if not (folder / MARK).is_file() and any(folder.iterdir()):
            raise UsageError(
                "the folder holds something else", where=str(folder), mend="name a new one"
            )
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True)
    (folder / MARK).touch()


def _written(address: Path) -> str:
    """Return what stands in a file as soon as it does."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        text = address.read_text("utf-8") if address.is_file() else ""
        if text.endswith("\n"):
            return text.strip()
        time.sleep(0.05)
    raise UsageError("the city has not come up", where=str(address), mend="see city.log beside it")


def _port() -> int:
    """Return the port we would like, or any where somebody has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            return free_port()
    return PORT


def _remember(folder: Path, airflow: Standalone) -> None:
    """Write down the environment, for ``airflow`` and ``archiver`` commands by hand."""
    kept = {n: v for n, v in airflow.environ.items() if n.startswith(("AIRFLOW_", "ARCHIVER_"))}
    path = folder / "environment"
    path.touch(mode=0o600)
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in sorted(kept.items())]
    path.write_text("".join(lines), "utf-8")


def _tell(folder: Path, airflow: Standalone, city: str, seconds: float) -> None:
    _say(f"Airflow is healthy after {seconds:.0f} s: {airflow.url}")
    _say(f"  log in as admin with the password {airflow.password}")
    _say("Captured every minute, cosigned every five, looked at again every ten. Speak, at")
    _say(f"  {city}/say")
    _say("or so (without on=…: on its blog), and find it, about a minute later:")
    _say(f"  curl -d on=city-toots -d name=Marta -d 'text=A lantern on Ferry Street' {city}/say")
    _say(f"  . {folder}/environment; .venv/bin/archiver search lantern --private")
    _say("Stop everything: make down")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def main(arguments: list[str]) -> int:
    """Run a command. Returns the exit status."""
    verb, *rest = arguments or [""]
    if verb not in {"up", "down"} or not rest or not PROFILES.keys() >= set(rest[1:]):
        usage = "usage: python -m civic_archiver_airflow.demo up|down FOLDER [local|server]\n"
        sys.stderr.write(usage)
        return 2
    try:
        if verb == "up":
            up(Path(rest[0]), *rest[1:2])
        else:
            down(Path(rest[0]))
    except ArchiverError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""People's keys in a token: SoftHSM, a PKCS #11 module that keeps its token in files."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from archiver.edges.pin import read_pin
from archiver.edges.token import PersonToken
from archiver.errors import ArchiverError, KeyStoreError
from archiver.flows.people import verifies
from archiver.formats.sealing import info_of, seal
from archiver.formats.tokenuri import parse
from archiver.ledger.checkpoint import sign_note
from archiver.registry.acts import Act
from archiver.wire import open_person_key
from tests.real.packages import need, run

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.real

verifier = import_module("verifier.verify")  # by name: for mypy it is a script, in no package

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN, OTHER_PIN = "86420917", "11111111"
FEED = ("account", "add", "news", "--platform", "feed", "--url", "http://127.0.0.1:9/feed")
SETTINGS = "directories.tokendir = {folder}\nobjectstore.backend = file\nlog.level = ERROR\n"


@dataclass(frozen=True, slots=True)
class Office:
    """A folder with an archive and its home, and a place for tokens of its own."""

    folder: Path

    @property
    def environ(self) -> dict[str, str]:
        """The environment of a program here."""
        own = {
            "SOFTHSM2_CONF": str(self.folder / "softhsm.conf"),
            "ARCHIVER_ARCHIVE": str(self.folder / "archive"),
            "ARCHIVER_HOME": str(self.folder / "home"),
            "THE_PIN": PIN,
            "A_WRONG_PIN": OTHER_PIN,
        }
        return {**os.environ, **own}

    def new_token(self, label: str) -> None:
        """Make an empty token."""
        made = ("--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "00000000")
        run("softhsm2-util", *made, env=self.environ)

    def tool(self, token: str, *arguments: str) -> str:
        """Run OpenSC's tool on a token, logged in."""
        login = ("--module", MODULE, "--token-label", token, "--login", "--pin", PIN)
        return run("pkcs11-tool", *login, *arguments, env=self.environ).decode()

    def archiver(self, *arguments: str) -> dict[str, Any]:
        """Run a command; return its document, with its exit code."""
        done = subprocess.run(
            [Path(sys.executable).with_name("archiver"), *arguments, "--json"],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            start_new_session=True,  # without a terminal
            check=False,
        )
        assert PIN.encode() not in done.stdout + done.stderr
        assert OTHER_PIN.encode() not in done.stdout + done.stderr
        return {**json.loads(done.stdout), "code": done.returncode}

    def finding(self, *arguments: str) -> tuple[int, dict[str, str]]:
        """Run a command that can't be done; return exit code and finding."""
        said = self.archiver(*arguments)
        (finding,) = said["findings"]
        assert finding["mend"]
        return said["code"], finding


def uri(token: str, label: str, more: str = "&pin-source=env:THE_PIN", module: str = MODULE) -> str:
    """Return the name of a key."""
    return f"pkcs11:token={token};object={label}?module-path={module}{more}"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An archive founded by a clerk whose keys were made in a token."""
    need(("softhsm2", "opensc"), ("softhsm2-util", "pkcs11-tool"))
    made = Office(tmp_path_factory.mktemp("office"))
    (made.folder / "tokens").mkdir()
    (made.folder / "softhsm.conf").write_text(SETTINGS.format(folder=made.folder / "tokens"))
    for label in ("City", "Counsel", "Odd"):
        made.new_token(label)
    clerk = ("init", "--clerk", "R. Alvarez", "--key", uri("City", "clerk"))
    assert made.archiver(*clerk)["code"] == 0
    assert made.archiver(*FEED)["code"] == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", made.environ["SOFTHSM2_CONF"])
        patch.setenv("THE_PIN", PIN)
        yield made


def test_the_keys_of_the_clerk_never_leave_the_token(office: Office) -> None:
    """Both private keys are sensitive, can't be taken out, and stand beside their public ones."""
    listed = office.tool("City", "--list-objects")
    assert listed.count("Private Key Object; EC_EDWARDS") == 2
    assert listed.count("sensitive, always sensitive, never extractable, local") == 2
    assert listed.count("Public Key Object; EC_EDWARDS") == 2


def test_a_decision_is_signed_in_the_token(office: Office) -> None:
    """The act is the clerk's own, whoever verifies it, and the archive stands to it."""
    key = uri("City", "clerk")
    done = office.archiver("account", "approve", "news", "--key", key)
    assert (done["code"], done["data"]["decided_by"]) == (0, "R. Alvarez")
    (clerk,) = office.archiver("person", "list")["data"]
    token = PersonToken(parse(key), read_pin)
    assert clerk["key"] == token.verifier_key
    grant = ("person", "role", "R. Alvarez", "auditor", "--sign", key)
    act = Act.of(office.archiver(*grant, "--out", "act.json")["data"]["act"])
    assert act.signers(verifies) == {clerk["key"]}
    assert verifier.signers(sign_note(b"of the clerk\n", token), [clerk["key"]]) == {clerk["key"]}
    assert office.archiver("verify", "--deep")["findings"] == []


def test_no_byte_of_archive_or_home_is_the_pin(office: Office) -> None:
    """The PIN is in no stored file."""
    files = [p for name in ("archive", "home") for p in (office.folder / name).rglob("*")]
    stored = b"".join(path.read_bytes() for path in files if path.is_file())
    assert len(stored) > 10_000
    assert PIN.encode() not in stored


def test_a_key_that_another_tool_made(office: Office) -> None:
    """A pair of pkcs11-tool is enrolled as it is; without a reading key it signs alone."""
    pair = ("--keypairgen", "--key-type", "EC:edwards25519", "--label", "counsel", "--id", "07")
    office.tool("Counsel", *pair)
    (office.folder / "pin").write_text(PIN + "\n")
    (office.folder / "pin").chmod(0o600)
    key = uri("Counsel", "counsel", f"&pin-source=file:{office.folder / 'pin'}")
    enrolled = office.archiver("person", "enrol", "C. Okafor", "--key", key, "--role", "counsel")
    assert enrolled["findings"] == []
    held = PersonToken(parse(key), read_pin)
    assert (held.handle, held.reading) == (enrolled["data"]["person"], "")
    with pytest.raises(KeyStoreError) as caught:
        held.unseal(b"", b"")
    assert caught.value.code == "token-key-missing"
    (office.folder / "pin").chmod(0o644)
    code, finding = office.finding("account", "retire", "news", "--key", key)
    assert (code, finding["code"]) == (3, "key")


@pytest.mark.usefixtures("office")
def test_the_token_opens_what_is_sealed_to_a_reader() -> None:
    """A period key sealed to the reading key comes out; changed or elsewhere, it does not."""
    clerk = PersonToken(parse(uri("City", "clerk")), read_pin)
    info = info_of("unscheduled/2026-11/messages", clerk.handle)
    sealed = seal(bytes(range(32)), bytes.fromhex(clerk.reading), info)
    assert clerk.unseal(sealed, info) == bytes(range(32))
    for one, place in ((sealed[:-1] + b"\0", info), (sealed, info_of("p", clerk.handle))):
        with pytest.raises(KeyStoreError):
            clerk.unseal(one, place)


def test_the_pin_is_asked_for_at_a_terminal(office: Office) -> None:
    """Without a source a person types it, unseen, and once for all signatures of a command."""
    command = [str(Path(sys.executable).with_name("archiver"))]
    command += ["person", "role", "R. Alvarez", "auditor", "--out", "typed.json"]
    command += ["--sign", uri("City", "clerk", "")]
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(office.folder)
        os.execve(command[0], command, office.environ)  # noqa: S606 - a program on a terminal
    said = b""
    while b"PIN of City: " not in said:
        said += os.read(terminal, 1000)
    os.write(terminal, PIN.encode() + b"\n")
    try:
        while more := os.read(terminal, 1000):
            said += more
    except OSError:  # the program has closed the terminal
        pass
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
    os.close(terminal)
    assert PIN.encode() not in said
    assert said.count(b"PIN of") == 1
    assert b"Signed by 1" in said


@pytest.fixture(scope="module")
def odd(office: Office) -> Office:
    """A token with keys of every wrong kind."""
    made = (("EC:prime256v1", "p256", "01"), ("rsa:2048", "rsa", "02"))
    twice = (("EC:edwards25519", "twice", "03"), ("EC:edwards25519", "twice", "04"))
    for kind, label, number in made + twice:
        arguments = ("--keypairgen", "--key-type", kind, "--label", label, "--id", number)
        office.tool("Odd", *arguments)
    shutil.copy("/usr/lib/x86_64-linux-gnu/libc.so.6", office.folder / "other.so")
    return office


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (uri("City", "clerk", module="/usr/lib/absent.so"), "token-module"),
        (uri("City", "clerk", module="{folder}/other.so"), "token-module"),
        (uri("Town", "clerk"), "token-missing"),
        (uri("City", "mayor"), "token-key-missing"),
        (uri("Odd", "p256"), "token-key-type"),
        (uri("Odd", "rsa"), "token-key-type"),
        (uri("Odd", "twice"), "token-key-ambiguous"),
        (uri("City", "clerk", "&pin-source=env:UNSET_PIN"), "token-pin"),
        (uri("City", "clerk", "&pin-source=|echo"), "token-uri"),
        (uri("City", "clerk", f"&pin-value={PIN}"), "pin-shown"),
    ],
)
def test_what_is_wrong_is_said(odd: Office, key: str, code: str) -> None:
    """Each has its own code and a way to mend it, and no PIN in it."""
    with pytest.raises(ArchiverError) as caught:
        open_person_key(key.replace("{folder}", str(odd.folder))).sign(b"")
    assert (caught.value.code, bool(caught.value.mend)) == (code, True)
    assert PIN not in f"{caught.value} {caught.value.__cause__!r}"


def test_an_id_tells_two_of_one_label(odd: Office) -> None:
    """Where two keys have one label, the id chooses; a name without one is refused above."""
    office_key = uri("Odd", "twice").replace(";", ";id=%03;", 1)
    one, other = (parse(office_key.replace("%03", number)) for number in ("%03", "%04"))
    first, second = PersonToken(one, read_pin), PersonToken(other, read_pin)
    assert first.verifier_key != second.verifier_key
    assert first.sign(b"same") != second.sign(b"same")
    code, finding = odd.finding("account", "retire", "news", "--key", uri("City", "clerk", ""))
    assert (code, finding["code"]) == (3, "token-pin")  # nobody at a terminal could be asked


def test_a_wrong_pin_is_tried_once(office: Office) -> None:
    """The token counts it: said so, and the command ends. The right one still works."""
    wrong = uri("City", "clerk", "&pin-source=env:A_WRONG_PIN")
    code, finding = office.finding("account", "retire", "news", "--key", wrong)
    assert (code, finding["code"]) == (3, "token-pin")
    assert "locks itself" in finding["message"]
    slots = run("pkcs11-tool", "--module", MODULE, "--list-slots", env=office.environ)
    assert b"user PIN count low" in slots
    why = ("--anyway", "its server is gone")
    again = office.archiver("account", "retire", "news", *why, "--key", uri("City", "clerk"))
    assert again["code"] == 0


LOOSE = """
import shutil, sys
from archiver.edges.pin import read_pin
from archiver.edges.token import PersonToken
from archiver.errors import ArchiverError, KeyStoreError
from archiver.formats.tokenuri import parse
from archiver.ledger.checkpoint import sign_note
key = PersonToken.create(parse(sys.argv[1]), read_pin)
print(len(key.sign(b"first")))
shutil.rmtree(sys.argv[2])
for _ in range(2):
    try:
        key.sign(b"second")
    except KeyStoreError as error:
        print(error.code)
"""


@pytest.mark.usefixtures("office")
def test_a_token_taken_out_half_way(tmp_path: Path) -> None:
    """After one signature the token is gone: the next is refused in words, again and again."""
    other = Office(tmp_path)
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm.conf").write_text(SETTINGS.format(folder=tmp_path / "tokens"))
    other.new_token("Loose")
    done = subprocess.run(
        [sys.executable, "-c", LOOSE, uri("Loose", "one"), str(tmp_path / "tokens")],
        env=other.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["64", "token-gone", "token-gone"]

"""Who may decide what stays and what goes: how many, which roles, from when."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from archiver.flows.people import verifies
from archiver.ledger.deciding import check_decision
from archiver.registry.acts import Act, message
from archiver.registry.deciding import MATTERS, ORDERS, RULES, VOLUMES, Deciding, fold_decisions
from archiver.registry.people import moment
from archiver.registry.roles import WAITING
from tests.ledger.note_signer import MemorySigner
from tests.ledger.test_deciding import ACTS
from tests.registry.signers import DAYS, Office, handle, signer

ROLES = {
    "anna": "approver", "bert": "approver", "hugo": "hold", "fay": "foia-officer",
    "paul": "purge", "vera": "verifier",
}  # fmt: skip
OWN = MemorySigner("archive.example/log")
BY_ACT = {act: (kind, members, leaves) for kind, act, members, leaves in ACTS}


class Town(Office):
    """An office of everybody whose role counts, and decisions in its ledger."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, tuple[str, MemorySigner]] = {}
        for name, role in (("clerk", "records-manager"), ("counsel", "counsel")):
            self.enrol(name)
            assert self.seal(self.act(name, "grant", person=handle(name), role=role)) == ""
        for name, role in ROLES.items():
            self.enrol(name)
            assert self.grant(name, role, "clerk counsel") == ""
        self.day = 10
        self.since = len(self.controls)
        self.known = self.people()

    def decide(self, act: str, signers: str, **more: str) -> dict[str, Any]:
        """Put a decision into the ledger, as its example has it; return the entry."""
        kind, members, leaves = BY_ACT[act]
        made = self.act(signers, act, **{**members, **more}).document()
        body = {"t": kind, **made, "time": DAYS.format(self.day)}
        body |= {} if leaves is None else {"leaves": leaves}
        self.put(body)
        return body

    def put(self, body: dict[str, Any]) -> None:
        """Append an entry."""
        self.controls.append((len(self.controls) * 2 + 1, body))
        self.known.take(*self.controls[-1], verifies)

    def decided(self, keys: tuple[str, ...] = (OWN.verifier_key,)) -> Deciding:
        """Return what counts of all decisions."""
        found = self.controls[self.since :]
        return fold_decisions(self.known, found, verifies, keys, check_decision)

    def last(self) -> Deciding:
        """Return what counts of the last decision, by itself."""
        return fold_decisions(self.known, self.controls[-1:], verifies, (), check_decision)

    def says(self, act: str, signers: str, **more: str) -> str:
        """Decide; return why it does not count, or ""."""
        self.decide(act, signers, **more)
        return next((one.why for one in self.last().refused), "")

    def registered(self, name: str, key: str, signer_of: str) -> None:
        """Enrol a key of somebody else under a handle of its own, as approver."""
        act = self.act("", "enrol", person=handle(name), key=key, reading="", subject="ab" * 32)
        other = signer(signer_of)
        self.seal(act.signed(key, other.sign(message(act.statement))))
        self.keys[name] = (key, other)
        assert self.grant(name, "approver", "clerk counsel") == ""
        self.day += 4
        self.known = self.people()

    def says_by(self, signers: str, name: str = "order") -> str:
        """Decide, signed also by keys that were enrolled twice; return why it does not count."""
        kind, members, leaves = BY_ACT[name]
        made: Act = self.act("", name, **members)
        for who in signers.split():
            key, own = self.keys.get(who, (signer(who).verifier_key, signer(who)))
            made = made.signed(key, own.sign(message(made.statement)))
        body = {"t": kind, **made.document(), "time": DAYS.format(self.day), "leaves": leaves}
        self.put(body)
        return next((one.why for one in self.last().refused), "")


TOWN = Town()
ENOUGH = {
    ("add-schedule", "lengthens"): "clerk",
    ("adopt-schedule", "shortens"): "clerk counsel",
    ("opt-in", "shortens"): "clerk counsel",
    ("revoke-schedule", "shortens"): "clerk counsel",
    ("classify", "shortens"): "clerk counsel",
    ("classify", "lengthens"): "counsel",
    ("review", "shortens"): "clerk counsel",
    ("event", "shortens"): "clerk counsel",
    ("event", "lengthens"): "fay",
    ("hold-event", "shortens"): "clerk hugo",
    ("hold-event", "lengthens"): "fay",
    ("hold", ""): "hugo",
    ("notice", ""): "counsel",
    ("acknowledge", ""): "hugo",
    ("applied", ""): "counsel",
    ("release", ""): "hugo clerk",
    ("order", ""): "clerk anna bert",
    ("order-certified", ""): "clerk anna bert",
    ("order-noticed", ""): "clerk anna bert",
    ("order-extraordinary", ""): "clerk anna bert counsel",
    ("submit", ""): "clerk",
    ("outcome", "shortens"): "clerk counsel",
    ("outcome", "lengthens"): "fay",
    ("begin", ""): "paul",
    ("halt", ""): "anna",
    ("done", ""): "paul",
    ("retire", "shortens"): "clerk counsel",
    **dict.fromkeys(((act, "") for act in (*MATTERS, *VOLUMES)), "fay"),
    ("export-approve", ""): "fay anna",
    ("mark", ""): "fay",
    ("unmark", ""): "counsel",
}
TOO_FEW = {
    "shortens": ("clerk", "counsel", "clerk hugo", "clerk anna", "fay hugo", "vera"),
    "lengthens": ("vera", "anna", "paul", "anna bert"),
    "hold": ("clerk", "fay", "clerk anna", "paul"),
    "release": ("hugo", "counsel", "clerk", "clerk anna", "hugo fay"),
    "order": ("clerk anna", "anna bert", "clerk counsel", "counsel anna bert", "clerk anna hugo"),
    "submit": ("counsel", "anna", "hugo", "fay"),
    "begin": ("hugo", "clerk", "anna bert", "counsel clerk"),
    "halt": ("vera", "fay"),
    "tag": ("vera", "anna", "paul", "anna bert"),
    "export-approve": ("fay", "anna", "fay clerk", "clerk anna", "anna bert", "fay vera"),
    **dict.fromkeys(("mark", "unmark"), ("clerk", "hugo", "anna bert", "paul")),
}


def _key_id(name: str, other: str) -> str:
    """Return the id (C2SP signed-note) of somebody's key under another name."""
    return sha256(f"{handle(name)}\n".encode() + b"\x01" + signer(other).public).hexdigest()[:8]


def _more(effect: str) -> dict[str, str]:
    return {"effect": effect} if effect else {}


def test_every_rule_has_an_example() -> None:
    """No act without who may do it."""
    assert set(ENOUGH) == set(RULES)


@pytest.mark.parametrize(("act", "effect"), ENOUGH)
def test_enough_people_decide(act: str, effect: str) -> None:
    """Those whose decision it is, and more do no harm."""
    assert TOWN.says(act, ENOUGH[act, effect], **_more(effect)) == ""
    assert TOWN.says(act, f"{ENOUGH[act, effect]} vera", **_more(effect)) == ""


@pytest.mark.parametrize(("act", "effect"), ENOUGH)
def test_one_person_shortens_nothing(act: str, effect: str) -> None:
    """Nor do two of whom one has not the role; nor nobody, nor a key that nobody enrolled."""
    alike = {"notice": "hold", "acknowledge": "hold", "applied": "hold", "done": "begin"}
    alike |= dict.fromkeys(ORDERS, "order") | dict.fromkeys((*MATTERS, *VOLUMES), "tag")
    for who in ("", "nobody", *TOO_FEW[effect or alike.get(act, act)]):
        if (act, who) != ("hold-event", "clerk hugo"):  # which is enough
            assert TOWN.says(act, who, **_more(effect)) != "", (act, who)


@pytest.mark.parametrize(("act", "effect"), ENOUGH)
def test_what_shortens_waits(act: str, effect: str) -> None:
    """What shortens counts after the waiting time, all else at once; none before its day."""
    early = {"from": DAYS.format(1)} if "from" in BY_ACT[act][1] else {}
    TOWN.decide(act, ENOUGH[act, effect], **_more(effect), **early)
    (one,) = TOWN.last().made
    waits = effect == "shortens" or act in {"release", *ORDERS}
    assert one.counts - one.sealed == (WAITING if waits else timedelta(0))
    if "from" in one.statement:
        late = "2026-12-24T00:00:00.000000Z"
        TOWN.decide(act, ENOUGH[act, effect], **{**_more(effect), "from": late})
        assert TOWN.last().made[0].counts == moment(late)


def test_one_key_under_two_handles_is_one_person() -> None:
    """Who enrols twice with one key does not approve twice, nor does the requester that way."""
    town = Town()
    for name, other in (("twin", "anna"), ("double", "clerk")):
        key = f"{handle(name)}+{_key_id(name, other)}+{signer(other).verifier_key.split('+', 2)[2]}"
        town.registered(name, key, other)
    for who in ("clerk anna twin", "clerk anna double", "clerk twin double"):
        assert "approvals of two people" in town.says_by(who)
    assert town.says_by("clerk twin bert") == ""


def test_nobody_approves_an_export_that_they_request() -> None:
    """Also not who answers requests and approves, nor with one key under two handles."""
    town = Town()
    assert town.grant("fay", "approver", "clerk counsel") == ""
    key = f"{handle('twin')}+{_key_id('twin', 'fay')}+{signer('fay').verifier_key.split('+', 2)[2]}"
    town.registered("twin", key, "fay")
    for who in ("fay", "fay clerk", "fay twin"):
        assert "did not request it" in town.says_by(who, "export-approve")
    assert town.says_by("fay bert", "export-approve") == ""


def test_the_archives_own_key_decides_nothing() -> None:
    """Also not where somebody enrolled with it."""
    town = Town()
    town.decide("hold", "hugo")
    assert len(town.decided().made) == 1
    own = (f"x+00000000+{signer('hugo').verifier_key.split('+', 2)[2]}",)
    assert town.decided(own).made == []


def test_a_statement_is_used_once_and_in_its_archive() -> None:
    """A decision that is sealed again is idle; one of another archive is none."""
    town = Town()
    body = town.decide("hold", "hugo")
    town.put(dict(body))
    found = town.decided()
    assert (len(found.made), found.refused[-1].idle) == (1, True)
    assert "another archive" in town.says("hold", "hugo", archive="other")


def test_what_has_not_its_form_counts_for_nothing() -> None:
    """The holder of the signing key can write any entry: an act in another one is none."""
    town = Town()
    body = town.decide("hold", "hugo")
    changes: list[dict[str, Any]] = [
        {"t": "event"},
        {"leaves": "all"},
        {"statement": 7},
        {"signatures": []},
    ]
    for change in changes:
        town.controls[-1] = (town.controls[-1][0], {**body, **change})
        assert town.decided().made == []
        assert len(town.decided().refused) == 1

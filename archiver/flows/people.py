"""People: enrolling keys, giving and taking roles, and who decided what.

Every act is a statement under signatures of enrolled keys (`archiver.registry.acts`). It
may go from one signer to the next as a file; the rules that `archiver.registry.people`
folds by are asked before anything is sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archiver.errors import RefusedError, UsageError
from archiver.flows.documents import committed, documents, seal_documents
from archiver.flows.enrolled import people_of, verifies
from archiver.flows.ledger import read_state
from archiver.formats.parquet import canonical_time
from archiver.ids import new_handle
from archiver.ledger.finding import Finding
from archiver.registry import people
from archiver.registry.acts import SALT_BYTES, Act, canonical, message, subject
from archiver.registry.documents import PERSON
from archiver.registry.keys import fold_recipients
from archiver.registry.people import ENROL, GRANT, REVOKE, Registry, moment
from archiver.registry.roles import READERS, ROLES, Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from archiver.flows.archive import Archive
    from archiver.keyring import PersonKey
    from archiver.ledger.state import LedgerState

__all__ = [
    "FIRST_ROLES",
    "Named",
    "change",
    "enrol",
    "holds",
    "listed",
    "named",
    "new_statement",
    "people_of",
    "read_act",
    "refused_acts",
    "seal_act",
    "sign",
    "verifies",
]

FIRST_ROLES = (Role.RECORDS_MANAGER, Role.APPROVER, *READERS)
"""What the person has who manages the records of a new archive."""


@dataclass(frozen=True, slots=True)
class Named:
    """A person with name and office, as far as this home can read who it is."""

    handle: str
    name: str
    office: str


def named(archive: Archive, registry: Registry, state: LedgerState) -> dict[str, Named]:
    """Return who is who, by handle: documents that match what the ledger committed to."""
    found = {}
    for _, native_id, data in documents(archive, state):
        kind, _, handle = native_id.partition("/")
        if kind == PERSON and handle in registry.people:
            told, commitment = committed(data)
            if commitment == registry.people[handle].subject:
                found[handle] = Named(handle, str(told["name"]), str(told["office"]))
    return found


def new_statement(archive: Archive, act: str, **members: str) -> Act:
    """Return an act that nobody has signed yet."""
    common = {
        "act": act,
        "archive": archive.identity.id,
        "statement": new_handle(archive.chance),
        "time": canonical_time(archive.clock.now()),
    }
    return Act({**common, **members})


def sign(act: Act, keys: Iterable[PersonKey]) -> Act:
    """Return an act with the signatures of these keys as well."""
    data = message(act.statement)
    for key in keys:
        act = act.signed(key.verifier_key, key.sign(data))
    return act


def enrol(archive: Archive, key: PersonKey, name: str, office: str, roles: Collection[str]) -> None:
    """Enrol a person; while the archive is being founded, with roles.

    Raises:
        UsageError: no name, or no such role.
        RefusedError: the key is enrolled already, or the archive is founded and roles need
            two signatures.
    """
    if not name.strip():
        raise UsageError("who is it?", mend="give the person's name and --office")
    for role in roles:
        _check_role(role)
    told = {"person": key.handle, "name": name, "office": office}
    salt = archive.chance.bytes(SALT_BYTES)
    enrolment = new_statement(
        archive,
        ENROL,
        person=key.handle,
        key=key.verifier_key,
        reading=key.reading,
        subject=subject(canonical(told), salt),
    )
    grants = [new_statement(archive, GRANT, person=key.handle, role=role) for role in roles]
    acts = [sign(act, [key]) for act in (enrolment, *grants)]
    _require(archive, acts)
    document = {**told, "salt": salt.hex()}
    seal_documents(archive, {f"{PERSON}/{key.handle}": document}, [_entry(act) for act in acts])


def change(archive: Archive, who: str, role: str, *, revoke: bool = False) -> Act:
    """Return the act, unsigned, that gives a role to a person, or takes it.

    ``who``: handle or name. Raises `UsageError` where nobody or several are called so.
    """
    _check_role(role)
    handle = _handle(archive, who)
    return new_statement(archive, REVOKE if revoke else GRANT, person=handle, role=role)


def read_act(data: bytes) -> Act:
    """Return the act in a file that another signer wrote. Raises `FormatError`."""
    return Act.decode(data)


def seal_act(archive: Archive, act: Act) -> None:
    """Seal a signed act about roles. Raises `RefusedError` where it would not count."""
    _require(archive, [act])
    seal_documents(archive, {}, [_entry(act)])


def _require(archive: Archive, acts: Iterable[Act]) -> None:
    """Raise `RefusedError` unless all of the acts would count, one after the other."""
    state = read_state(archive)
    registry = people_of(archive, state)
    now = canonical_time(archive.clock.now())
    for index, act in enumerate(acts, state.size):
        registry.take(index, {**_entry(act), "time": now}, verifies)
        if registry.refused and registry.refused[-1].entry == index:
            raise RefusedError(
                f"the act would not count: {registry.refused[-1].why}",
                where=str(act.statement["act"]),
                code="act-refused",
                mend="see `archiver person list` for who may sign; two different people must",
            )


def _entry(act: Act) -> dict[str, Any]:
    return {"t": "role", **act.document()}


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise UsageError(
            "no such role", where=role, code="role-unknown", mend=f"roles: {', '.join(ROLES)}"
        )


def _handle(archive: Archive, who: str) -> str:
    state = read_state(archive)
    registry = people_of(archive, state)
    if who in registry.people:
        return who
    found = [one.handle for one in named(archive, registry, state).values() if one.name == who]
    if len(found) == 1:
        return found[0]
    raise UsageError(
        "nobody is enrolled by that name" if not found else "several people have that name",
        where=who,
        code="person-unknown",
        mend="give the handle that `archiver person list` shows",
    )


def holds(
    archive: Archive, registry: Registry, state: LedgerState, key: str, roles: Collection[str]
) -> bool:
    """Tell whether a key's owner holds one of the roles now.

    A clock that runs behind the ledger is behind: what waits goes on waiting.
    """
    now = moment(canonical_time(archive.clock.now()))
    return bool(registry.who([key], roles, state.size, now))


def listed(archive: Archive) -> list[dict[str, Any]]:
    """Return everybody who is enrolled, with roles and since when each counts."""
    state = read_state(archive)
    registry = people_of(archive, state)
    names = named(archive, registry, state)
    now = archive.clock.now()
    return [
        {
            "person": one.handle,
            "name": names[one.handle].name if one.handle in names else "",
            "office": names[one.handle].office if one.handle in names else "",
            "key": one.key,
            "roles": [
                {"role": g.role, "from": people.spelled(g.counts), "counts": g.counts <= now}
                for g in one.grants
                if g.revoked is None
            ],
        }
        for one in registry.people.values()
    ]


def refused_acts(archive: Archive, state: LedgerState) -> Iterator[Finding]:
    """Yield the entries about people and recipients that stand there without authority."""
    registry = people_of(archive, state)
    added = fold_recipients(registry, state.controls, verifies)
    for one in (*registry.refused, *added.refused):
        if not one.idle:
            wanted = "an act of people who may"
            yield Finding("act-without-authority", f"entry {one.entry}", wanted, one.why)

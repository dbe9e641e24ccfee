"""Who may be sent to at ``/hooks/<handle>``, and what becomes of a request there.

The judge of the receiver (`archiver.receiving.Judge`): it knows each approved account whose
platform sends by itself, asks the account's connector whether a request is genuine, and says
whose deliveries it is. What a delivery tells of accounts that nobody here captures stays with
the account whose address was called; it is kept, and said.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.connector import Site
from archiver.capture.delivered import Arrival, exchange_of
from archiver.capture.delivery import Chooses, Delivery, Receives, Rejected
from archiver.errors import KeyStoreError
from archiver.flows.accounts import registry
from archiver.flows.connectors import connector
from archiver.flows.known import known_of
from archiver.flows.ledger import read_state
from archiver.formats.parquet import canonical_time
from archiver.formats.secret_values import SHORTEST, Secrets
from archiver.receiving import Letter, Ruling
from archiver.record import Stream
from archiver.registry.accounts import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from archiver.capture.connector import Listing
    from archiver.capture.delivery import Verified
    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.receiving import Incoming
    from archiver.registry.accounts import Account

__all__ = ["Hook", "HookJudge", "hooks_of", "path_of"]

FORGED = 403
"""What whoever is not believed is answered, and whoever calls an address that there is not."""
LOOK_AGAIN = 1.0
"""Seconds between two looks at a credential because a handshake was not understood: who asks
may have been asked by us a moment ago, with a secret that was made then."""


@dataclass(frozen=True, slots=True)
class Hook:
    """One account that is sent to: how its deliveries are checked, and what it is elsewhere.

    ``ids``: the platform's own ids of the account, by which deliveries name it. ``lacking``: why
    nothing sent to it can be checked now, empty where it can. ``listing``: under which deliveries
    are cut; ``chooses``: the connector, where not all of them may be kept.
    """

    account: Account
    connector: Receives
    listing: Listing
    chooses: Chooses | None
    site: Site
    secrets: Mapping[str, str]
    unstorable: Secrets
    ids: frozenset[str] = frozenset()
    lacking: str = ""


def path_of(account: Account) -> str:
    """Return the path at which an account is sent to."""
    return f"/hooks/{account.handle}"


def hooks_of(archive: Archive) -> list[Hook]:
    """Return the hooks of all approved accounts whose platform sends by itself."""
    state = read_state(archive)
    return [
        _hook(archive, state, account, one)
        for account in registry(archive, state).values()
        if account.status == Status.APPROVED
        for one in (connector(account.platform),)
        if isinstance(one, Receives)
    ]


def _hook(archive: Archive, state: LedgerState, account: Account, one: Receives) -> Hook:
    known = known_of(archive, state, account.handle)
    ids = {thing[1].partition("/")[0] for thing, _ in known.items() if thing[0] == Stream.PROFILE}
    site = Site(account.name, account.url, account.login == "yes", scope=account.scope)
    empty = Hook(
        account=account,
        connector=one,
        listing=one.deliveries(site),
        chooses=one if isinstance(one, Chooses) else None,
        site=site,
        secrets={},
        unstorable=Secrets({}),
        ids=frozenset(ids),
    )
    return _checked(archive, empty)


def _checked(archive: Archive, hook: Hook) -> Hook:
    """Return a hook with the secrets that are in force now."""
    credential, lacking = _credential(archive, hook.account)
    one = hook.connector
    secrets = {name: credential[name] for name in one.webhook_fields if credential.get(name)}
    short = [name for name, value in secrets.items() if len(value) < SHORTEST]
    if short:
        lacking = f"{short[0]} has fewer than {SHORTEST} characters"
    if not lacking and not secrets:
        lacking = f"its credential has none of {', '.join(one.webhook_fields)}"
    hidden = {*one.secret_fields, *one.webhook_fields}
    unstorable = {k: v for k, v in credential.items() if k in hidden and len(v) >= SHORTEST}
    return replace(hook, secrets=secrets, unstorable=Secrets(unstorable), lacking=lacking)


def _credential(archive: Archive, account: Account) -> tuple[Mapping[str, str], str]:
    """Return an account's credential, and why there is none, empty where there is."""
    try:
        return archive.credential(account.name), ""
    except KeyStoreError as error:
        return {}, error.message


class _Known(NamedTuple):
    """Hooks by handle, and by platform and native id the handles of whose they are."""

    hooks: dict[str, Hook]
    routes: Mapping[tuple[str, str], Sequence[str]]


class HookJudge:
    """Rules on requests (`archiver.receiving.Judge`). `renew` it to see what changed since.

    Args:
        archive: where the accounts are registered.
        base: the address under which platforms reach us, without a slash at its end.
    """

    def __init__(self, archive: Archive, base: str) -> None:
        self._archive = archive
        self._base = base
        self._known = _Known({}, {})
        self._looked = 0.0
        self.renew()

    def renew(self) -> None:
        """Read again which accounts there are, and with what their deliveries are checked."""
        found = hooks_of(self._archive)
        routes: dict[tuple[str, str], list[str]] = {}
        for one in found:
            for native_id in sorted(one.ids):
                routes.setdefault((one.account.platform, native_id), []).append(one.account.handle)
        self._known = _Known({one.account.handle: one for one in found}, routes)

    def hooks(self) -> Mapping[str, str]:
        """Return the accounts that may be sent to: handle -> name."""
        return {handle: one.account.name for handle, one in self._known.hooks.items()}

    def rule(self, incoming: Incoming) -> Ruling:
        """Return the answer to a request that came whole."""
        known = self._known  # as it is now: it may be renewed meanwhile
        hook = known.hooks.get(incoming.handle)
        if hook is None:
            return Ruling(FORGED, "no account has this address")
        delivery = Delivery(incoming.method, incoming.target, incoming.headers, incoming.body)
        if incoming.method == "GET":
            return self._handshake(hook, delivery)
        if hook.lacking:
            return Ruling(FORGED, f"nothing can be checked: {hook.lacking}")
        now = self._archive.clock.now()
        verified = hook.connector.verify_webhook(delivery, hook.secrets, now)
        if isinstance(verified, Rejected):
            status = FORGED if verified.status in {401, 403, 404} else verified.status
            return Ruling(status, verified.reason)
        arrival = Arrival(
            self._base + incoming.target, canonical_time(now), _address(incoming.peer)
        )
        letters = tuple(_letters(known, hook, delivery, verified, arrival))
        return Ruling(200, "kept" if letters else "tells of nobody whom we keep", letters=letters)

    def _handshake(self, hook: Hook, delivery: Delivery) -> Ruling:
        """Answer a handshake; with what is in force by now, where it was not meant before."""
        reply = None if hook.lacking else hook.connector.handshake(delivery, hook.secrets)
        now = self._archive.clock.now().timestamp()
        if reply is None and abs(now - self._looked) > LOOK_AGAIN:
            self._looked, hook = now, _checked(self._archive, hook)
            self._known.hooks[hook.account.handle] = hook
            reply = None if hook.lacking else hook.connector.handshake(delivery, hook.secrets)
        if reply is None:
            return Ruling(FORGED, "not a handshake that its platform makes")
        return Ruling(reply.status, "handshake", reply.content_type, reply.body)


def _letters(
    known: _Known, hook: Hook, delivery: Delivery, verified: Verified, arrival: Arrival
) -> Iterable[Letter]:
    """Yield a delivery for each account that it is for, as far as it may be kept."""
    handles, unrouted = _routed(known, hook, verified.to)
    for handle in handles:
        one = known.hooks[handle]
        if one.chooses is not None and not one.chooses.may_keep(one.site, delivery):
            continue
        left = unrouted if handle == hook.account.handle else ()
        exchange = exchange_of(delivery, verified, one.listing, arrival, one.unstorable, left)
        yield Letter(handle, exchange)


def _routed(known: _Known, hook: Hook, to: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Return the accounts a delivery is for, and the ids in it that are nobody's here."""
    own = hook.account.handle
    found: dict[str, None] = {}
    unrouted = []
    for native_id in to:
        handles = known.routes.get((hook.account.platform, native_id), [])
        found |= dict.fromkeys(handles)
        if not handles:
            unrouted.append(native_id)
    if unrouted or not found:
        found[own] = None
    return list(found), tuple(unrouted)


def _address(peer: str) -> str:
    """Return an IP address as a record has it, empty where it is none."""
    try:
        return str(ipaddress.ip_address(peer))
    except ValueError:
        return ""

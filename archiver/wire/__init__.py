"""Where edges meet flows: the only place that knows both."""

from archiver.wire.archive import (
    create_archive,
    open_archive,
    open_to_verify,
    trial_spool,
    verifying_workers,
)
from archiver.wire.copies import at_copy, restoring_to
from archiver.wire.outside import create_witness, open_witness, witness_server
from archiver.wire.people import (
    create_person_key,
    create_recipient_keys,
    open_person_key,
    own_person_key,
    recipient_keys,
)
from archiver.wire.rulepacks import rule_packs
from archiver.wire.store import open_store
from archiver.wire.transfers import transfer_folder

__all__ = [
    "at_copy",
    "create_archive",
    "create_person_key",
    "create_recipient_keys",
    "create_witness",
    "open_archive",
    "open_person_key",
    "open_store",
    "open_to_verify",
    "open_witness",
    "own_person_key",
    "recipient_keys",
    "restoring_to",
    "rule_packs",
    "transfer_folder",
    "trial_spool",
    "verifying_workers",
    "witness_server",
]

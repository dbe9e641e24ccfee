"""Merging what a scene has, as it should be or weakened."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.flows import compact, copying, segments
from archiver.ledger import admission, entry
from tests.attacks.lives import verified
from tests.flows.helpers import Quiet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    import pytest

    from archiver.flows.archive import Archive

__all__ = ["merge"]


def merge(archive: Archive, patch: pytest.MonkeyPatch, weakness: str, victim: bytes) -> None:
    """Merge, have it verified, remove what was superseded.

    ``victim``: the comment as the platform gave it, for what is weak enough to tell of it.
    """
    if weakness == "nonce of the old files":
        worn = segments.new_nonce(archive)
        patch.setattr(copying, "new_nonce", lambda _: worn)
    if weakness == "digest in done-part":
        _tell(patch, {"digest": sha256(victim).hexdigest()})
    assert compact.compact(archive, Quiet()).made == 1
    verified(archive)
    assert compact.compact(archive, Quiet()).removed > 0


def _tell(patch: pytest.MonkeyPatch, more: Mapping[str, str]) -> None:
    """Have the entry say more that says what is gone; its form would refuse it."""
    sealing = compact.seal_controls

    def seal_controls(archive: Archive, bodies: Iterable[Mapping[str, Any]]) -> None:
        sealing(archive, [{**body, **more} for body in bodies])

    patch.setattr(compact, "seal_controls", seal_controls)
    for forms, name in ((admission._FORMS, "done-part"), (vars(entry), "check_done_part")):
        patch.setitem(forms, name, lambda _: None)

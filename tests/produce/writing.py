"""Writing volumes in tests: profiles, plans, and where they go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archiver.edges.profiles import profile_bytes
from archiver.flows.volume import Plan, Written, write_volume
from archiver.produce.profile import Profile, read_profile
from archiver.wire.volumes import volume_folder
from tests.produce.town import START, members

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from archiver.produce.document import Document


class Silent:
    """A progress that remembers its last step."""

    last: tuple[int, int | None, str] = (0, None, "")

    def step(self, done: int, total: int | None, what: str) -> None:
        """Remember it."""
        self.last = (done, total, what)


def profile(name: str = "data", **changes: object) -> Profile:
    """Return a shipped profile with other members."""
    read = read_profile(name, profile_bytes(name))
    return msgspec.structs.replace(read, **changes)


def plan(inputs: str = "ab") -> Plan:
    """Return a plan."""
    about = (("Source-Organization", "A city"),)
    return Plan("FOIA-2026-0117", "VOL001", 1, 100, inputs, START, about)


def write(path: Path, documents: Iterable[Document], how: Profile, inputs: str = "ab") -> Written:
    """Write a volume."""
    with volume_folder(path) as folder:
        return write_volume(
            folder, plan(inputs), how, documents, Silent(),
            members=members, extras=lambda written, _: {"README.md": str(written.last).encode()},
        )  # fmt: skip

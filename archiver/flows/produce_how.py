"""How a volume is made: profile, names and numbers, and what comes with every one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.flows.produce_certificate import Certifying
    from archiver.produce.profile import Profile
    from archiver.redact.exemptions import Exemption
    from archiver.redact.timed import Masker

__all__ = ["How"]


@dataclass(frozen=True, slots=True)
class How:
    """How a volume is made.

    ``name``: of the production. ``volume``: its number. ``first``: the Bates number it begins with.
    ``enclosed``: programs and texts that every volume has, by name. ``exemptions``: all that marks
    may name. ``masker``: masks video and sound. ``certifying``: what a certificate is to be; None:
    there is none. ``supplemental``: only what no earlier volume of the matter has.
    """

    profile: Profile
    name: str
    volume: int
    first: int
    enclosed: Mapping[str, bytes]
    exemptions: Sequence[Exemption]
    masker: Masker
    certifying: Certifying | None = None
    supplemental: bool = False

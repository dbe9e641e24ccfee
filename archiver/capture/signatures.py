"""Signatures of deliveries: who sent these very bytes, and when, by a secret that both share. Pure.

A scheme says in which header a signature stands, over what, how it is written, and whether it
tells when it was made. A signature is over the raw body, and is compared in constant time.
What a scheme without a time can't tell, whether a delivery is an old one sent again, the
receiver tells by what it holds already (`docs/webhooks.md`).
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from archiver.capture.delivery import Rejected, Reply, Verified
from archiver.formats.parquet import canonical_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archiver.capture.delivery import Delivery

__all__ = [
    "MASTODON",
    "META",
    "SLACK",
    "WEBSUB",
    "WEBSUB_WEAK",
    "Scheme",
    "X",
    "check",
    "crc_reply",
]

UNSIGNED = 401
"""RFC 9110 §15.5.2: who asks has not shown who it is."""
_MOST_DIGITS = 11  # the year 5138; more is no time that `datetime` has


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a platform signs what it sends.

    Args:
        name: what is recorded of a delivery: the scheme by which it was found genuine.
        header: where the signature stands.
        algorithms: digests that HMAC (RFC 2104) may be made with. Where there are several,
            the signature begins with the name of its own, as in ``sha256=…``.
        prefix: what a signature begins with; ``{}`` stands for the algorithm's name.
        base64: written so (RFC 4648 §4), else in hexadecimal digits.
        timestamp: header with the time of signing, in seconds since 1970; empty: none.
        signed: what is signed before the body; ``{}`` stands for the time as it was sent.
        window: seconds that the time of signing and ours may be apart.
    """

    name: str
    header: str
    algorithms: tuple[str, ...] = ("sha256",)
    prefix: str = ""
    base64: bool = False
    timestamp: str = ""
    signed: str = ""
    window: float = 300.0


META = Scheme("x-hub-signature-256", "X-Hub-Signature-256", prefix="{}=")
"""Facebook, Messenger, Instagram (Graph API, Webhooks, "Validating Payloads"); GitHub likewise."""

WEBSUB = Scheme(
    "websub", "X-Hub-Signature", ("sha512", "sha384", "sha256"), prefix="{}="
)  # fmt: skip
"""WebSub (W3C Recommendation 2018-01-23, §7 and §7.1)."""

WEBSUB_WEAK = Scheme(
    "websub", "X-Hub-Signature", ("sha512", "sha384", "sha256", "sha1"), prefix="{}="
)
"""The same of a hub that signs with SHA-1 and nothing better, as PubSubHubbub 0.4 (§8) has it.

HMAC-SHA-1 is not broken by what breaks SHA-1 (RFC 6194 §3.3).
"""

MASTODON = Scheme("x-hub-signature sha256", "X-Hub-Signature", prefix="{}=")
"""Admin webhooks of Mastodon (docs.joinmastodon.org/admin/webhooks)."""

X = Scheme(
    "x-twitter-webhooks-signature", "X-Twitter-Webhooks-Signature", prefix="{}=", base64=True
)
"""X (docs.x.com, Webhooks, "Validating the signature header")."""

SLACK = Scheme(
    "slack v0",
    "X-Slack-Signature",
    prefix="v0=",
    timestamp="X-Slack-Request-Timestamp",
    signed="v0:{}:",
)
"""Slack (docs.slack.dev, "Verifying requests from Slack"): five minutes."""


def check(
    scheme: Scheme, delivery: Delivery, secrets: Iterable[str], now: datetime
) -> Verified | Rejected:
    """Say whether a delivery was signed with one of these secrets, and lately.

    Args:
        scheme: of the platform.
        delivery: as it came.
        secrets: those in force; several while one is exchanged for another. Empty ones are none.
        now: our time, with time zone.

    Never raises on any bytes; says nothing of the secret or of the right signature.
    """
    given = delivery.header(scheme.header)
    if not given:
        return Rejected(UNSIGNED, f"no {scheme.header} header")
    stamp = delivery.header(scheme.timestamp) if scheme.timestamp else ""
    if scheme.timestamp and not _is_number(stamp):
        return Rejected(UNSIGNED, f"no time in {scheme.timestamp}")
    signed = scheme.signed.format(stamp).encode() + delivery.body
    found = False
    for secret in secrets:  # all of them, so that the time taken tells not which one it was
        for algorithm in scheme.algorithms if secret else ():
            found |= _is_signature(scheme, algorithm, secret, signed, given)
    if not found:
        return Rejected(UNSIGNED, f"{scheme.header} is not the signature of this body")
    if not stamp:
        return Verified(scheme=scheme.name)
    at = datetime.fromtimestamp(int(stamp), UTC)
    if abs((now - at).total_seconds()) > scheme.window:
        return Rejected(UNSIGNED, "signed too long ago, or in the future: sent again, or a clock")
    return Verified(signed_at=canonical_time(at), scheme=scheme.name)


def _is_signature(scheme: Scheme, algorithm: str, secret: str, signed: bytes, given: str) -> bool:
    made = hmac.new(secret.encode("utf-8", "surrogatepass"), signed, algorithm).digest()
    text = b64encode(made).decode() if scheme.base64 else made.hex()
    wanted = scheme.prefix.format(algorithm) + text
    # Hexadecimal digits may be written either way (RFC 4648 §8); bytes, as `given` may be any.
    theirs = given if scheme.base64 else given.lower()
    return hmac.compare_digest(wanted.encode(), theirs.encode("utf-8", "surrogatepass"))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def crc_reply(token: str, secret: str) -> Reply:
    """Return the answer to X's challenge-response check: the token, signed (docs.x.com)."""
    made = hmac.new(secret.encode(), token.encode("utf-8", "surrogatepass"), "sha256").digest()
    body = json.dumps({"response_token": f"sha256={b64encode(made).decode()}"}).encode()
    return Reply(200, "application/json", body)

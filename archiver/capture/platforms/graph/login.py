"""The login of Meta's platforms: an access token, and the proof that we have the app's secret.

developers.facebook.com/docs/graph-api/guides/secure-requests: ``appsecret_proof`` is the
HMAC-SHA256 of the token under the app's secret, in hexadecimal, as a parameter of every call.
An app may demand it, so that a token that was stolen is good for nothing without the secret.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.capture.auth import bearer
from archiver.capture.connector import Login
from archiver.capture.platforms.graph.addresses import origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Site

__all__ = ["PROOF", "login", "proof_of"]

PROOF = "appsecret_proof"


def login(site: Site, credential: Mapping[str, str]) -> Login:
    """Return the token as a bearer token (RFC 6750 §2.1) for the API's host, with its proof.

    Graph's documentation shows the token in the address, where it would stand in logs; that
    it takes the header as well is general knowledge. The proof it takes in the address alone.
    """
    token, secret = credential.get("token", ""), credential.get("app_secret", "")
    if not token:
        return Login(origin=origin(site.url))
    proof = {PROOF: proof_of(token, secret)} if secret else {}
    return Login(
        bearer(token), origin=origin(site.url), secrets=proof, parameters=tuple(proof.items())
    )


def proof_of(token: str, secret: str) -> str:
    """Return the HMAC-SHA256 of a token under the app's secret, 64 hexadecimal digits."""
    return hmac.digest(secret.encode(), token.encode(), sha256).hex()

"""Removing versions with rights for one unit alone, where a role of its own has them.

Whoever works on an archive then needs no right to destroy anything: for each unit of which an
order, or a merge, took files out, the role is taken anew, tagged with that unit, and its policy
says what the tag allows (``infra/terraform/modules/roles``). Who may not take the role removes
what it can with its own rights, and says what is left.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.edges.s3errors import Failure
from archiver.layout import UNITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3 import Session
    from mypy_boto3_s3 import S3Client

__all__ = ["AS_IT_IS", "SECONDS", "How", "Purging", "session", "take_role"]

SECONDS = 900
"""How long a session lasts: the shortest that AWS gives."""
_SLACK = 120
_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})


def session(role: str, key: str) -> dict[str, Any]:
    """Return what STS is asked for (AssumeRole), so that ``key`` of an archive may go."""
    unit = key.removeprefix(UNITS).partition("/")[0]
    return {
        "RoleArn": role,
        "RoleSessionName": "civic-archiver",
        "DurationSeconds": SECONDS,
        "Tags": [{"Key": "unit", "Value": unit}],
    }


class Purging:
    """Clients that may remove what lies in a unit; the last one is used again.

    Args:
        take: takes the role for the unit of a key; raises `Failure`.
        clock: seconds, never backward.
    """

    def __init__(
        self, take: Callable[[str], S3Client], clock: Callable[[], float] = monotonic
    ) -> None:
        self._take = take
        self._clock = clock
        self._last: tuple[str, S3Client | None, float] = "", None, 0.0

    def client(self, key: str) -> S3Client | None:
        """Return who may remove a key; None where the caller itself has to, or may not take it.

        Raises `Failure` where the service could not be asked.
        """
        if not key.startswith(UNITS):
            return None
        unit = key.rpartition("/")[0]
        found, client, until = self._last
        if found != unit or self._clock() >= until:
            client = self._taken(key)
            self._last = unit, client, self._clock() + SECONDS - _SLACK
        return client

    def _taken(self, key: str) -> S3Client | None:
        try:
            return self._take(key)
        except Failure as failure:
            if failure.code in _DENIED:
                return None
            raise


class How(NamedTuple):
    """What else is asked of a bucket.

    ``kms_key``: ARN of the KMS key that objects are encrypted with (SSE-KMS); empty: as the
    bucket does by itself. ``purging``: who removes versions, where not the caller.
    """

    kms_key: str = ""
    purging: Purging | None = None


AS_IT_IS = How()
"""Nothing else."""


def take_role(by: Session, client: S3Client, endpoint: str | None, role: str, key: str) -> S3Client:
    """Take the role for the unit of ``key``; return a client with its rights, set up as ``client``.

    Raises what boto3 raises.
    """
    sts: Any = "sts"  # boto3's stubs know S3 alone
    given = by.client(sts, endpoint_url=endpoint).assume_role(**session(role, key))["Credentials"]
    keys = given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
    made = type(by)(*keys, client.meta.region_name)
    return made.client("s3", endpoint_url=endpoint, config=client.meta.config)

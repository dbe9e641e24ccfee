"""Keys of due periods in AWS KMS: the keys of periods are sealed there, and only there opened.

Each due period has a KMS key of its own, found by an alias made of its hash. So destroying
it reaches every copy of what it sealed, wherever that lies; KMS waits seven days first.
The encryption context binds archive and period (it stands in KMS's audit log).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from archiver.errors import KeyStoreError
from archiver.formats import keyfile

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["KmsKeks", "connect"]

MASTER = "aws-kms"
WAITING_DAYS = 7
"""The shortest that KMS allows between the order and the end of a key."""


class KmsKeks:
    """Keys of due periods in AWS KMS (`archiver.ports.Keks`).

    Args:
        client: a boto3 KMS client; `connect` makes one.
        archive: the archive's id.
    """

    def __init__(self, client: Any, archive: str) -> None:  # noqa: ANN401 - boto3 makes it at run time
        self._client = client
        self._archive = archive
        self._opened: dict[bytes, bytes] = {}

    def seal(self, period: str, key: bytes) -> bytes:
        """Return the file of a period key, sealed. The due period's KMS key is made if new."""
        due = keyfile.due_of(period)
        context = self._context(period)
        with _explained(due):
            try:
                made = self._encrypt(due, key, context)
            except self._client.exceptions.NotFoundException:
                self._make(due)
                made = self._encrypt(due, key, context)
        return keyfile.encode_sealed(period, MASTER, made)

    def open(self, period: str, data: bytes) -> bytes:
        """Return the period key. Raises `KeyStoreError` where KMS does not open it.

        KMS is asked once for each key: it charges and limits by requests.
        """
        found, master, sealed = keyfile.open_sealed(data)
        if (found, master) != (period, MASTER):
            raise KeyStoreError("a period key is another period's, or another keeper sealed it")
        if data not in self._opened:
            with _explained(keyfile.due_of(period)):
                answer = self._client.decrypt(
                    CiphertextBlob=sealed, EncryptionContext=self._context(period)
                )
            self._opened[data] = bytes(answer["Plaintext"])
        return self._opened[data]

    def destroy(self, due: str) -> str:
        """Order the end of a due period's KMS key; return until when it can be called back."""
        self._opened.clear()
        with _explained(due):
            try:
                about = self._client.describe_key(KeyId=self._alias(due))["KeyMetadata"]
            except self._client.exceptions.NotFoundException:
                return ""
            if about.get("KeyState") != "PendingDeletion":
                self._client.schedule_key_deletion(
                    KeyId=about["KeyId"], PendingWindowInDays=WAITING_DAYS
                )
                about = self._client.describe_key(KeyId=about["KeyId"])["KeyMetadata"]
        until = about["DeletionDate"].astimezone().isoformat(timespec="minutes")
        return f"KMS key {about['KeyId']} can be called back until {until}"

    def _encrypt(self, due: str, key: bytes, context: dict[str, str]) -> bytes:
        answer = self._client.encrypt(
            KeyId=self._alias(due), Plaintext=key, EncryptionContext=context
        )
        return bytes(answer["CiphertextBlob"])

    def _make(self, due: str) -> None:
        """Make a due period's key. Where another process was quicker, ours is given back."""
        made = self._client.create_key(Description=f"Civic Archiver {self._archive} {due}")
        key_id = made["KeyMetadata"]["KeyId"]
        try:
            self._client.create_alias(AliasName=self._alias(due), TargetKeyId=key_id)
        except self._client.exceptions.AlreadyExistsException:
            self._client.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=WAITING_DAYS)

    def _alias(self, due: str) -> str:
        return f"alias/civic-archive/{self._archive}/{keyfile.period_name(due)}"

    def _context(self, period: str) -> dict[str, str]:
        return {"civic-archive": self._archive, "period": period}


@contextmanager
def _explained(due: str) -> Iterator[None]:
    """Turn what KMS says into `KeyStoreError`."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        response = getattr(error, "response", {})
        code = response.get("Error", {}).get("Code", type(error).__name__)
        raise KeyStoreError(
            f"AWS KMS refused or did not answer: {code}",
            where=due,
            mend="check credentials, region and the key's policy and state in AWS KMS",
            code="kms",
        ) from error


def connect(archive: str, endpoint_url: str | None = None, region: str | None = None) -> KmsKeks:
    """Return the keys of an archive in AWS KMS, with the credentials boto3 finds.

    ``endpoint_url`` names another service of the same protocol.
    """
    with _explained("AWS KMS"):
        # By name in a variable: boto3's stubs know no KMS.
        service: Any = "kms"
        client = boto3.Session(region_name=region).client(service, endpoint_url=endpoint_url)
    return KmsKeks(client, archive)

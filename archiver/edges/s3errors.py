"""What an S3 error code means, in words that say how to mend it.

Texts are made from the code alone. A store's own message is never repeated: some quote
the request, and with it key ids, tokens and signatures.
"""

from __future__ import annotations

from archiver.errors import MissingObjectError, StoreError

__all__ = ["Failure", "damaged", "explain", "too_large", "uncertain", "unordered"]

_CREDENTIALS = "check the access key, the secret and the session token, and the machine's clock"
_PERMISSIONS = "allow s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket here"
_UNSET = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile"
_REGION = "set the region of the bucket"
_MENDS = {
    "403": _PERMISSIONS,
    "AccessDenied": _PERMISSIONS,
    "AuthorizationHeaderMalformed": _REGION,
    "BadDigest": "the upload was damaged on its way: run the same command again",
    "EndpointConnectionError": "check the endpoint's address, the network and the proxy",
    "ExpiredToken": _CREDENTIALS,
    "InvalidAccessKeyId": _CREDENTIALS,
    "InvalidToken": _CREDENTIALS,
    "NoCredentialsError": _UNSET,
    "NoRegionError": _REGION,
    "NoSuchBucket": "create the bucket, or correct its name",
    "PartialCredentialsError": _UNSET,
    "PermanentRedirect": _REGION,
    "ProfileNotFound": "name a profile of the AWS configuration",
    "SSLError": "check the certificate of the endpoint; AWS_CA_BUNDLE names a private authority",
    "SignatureDoesNotMatch": _CREDENTIALS,
    "SlowDown": "the store asks for patience: run the same command again later",
}
_MISSING = frozenset({"NoSuchKey", "404"})
_BUSY = frozenset({"ConditionalRequestConflict", "OperationAborted"})
_DOUBTFUL = frozenset({"RequestTimeout", "SlowDown"})


class Failure(Exception):  # noqa: N818 - an answer to be judged, never shown as it is
    """A request that did not succeed.

    Args:
        code: the S3 error code, or the name of the client's own error.
        status: the HTTP status, 0 where no answer came.
        network: whether the connection failed.
        retried: whether the request was sent before, so that this answer may be about
            the sender's own earlier write.
    """

    def __init__(
        self, code: str, *, status: int = 0, network: bool = False, retried: bool = False
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.network = network
        self.retried = retried

    @property
    def missing(self) -> bool:
        """Whether there is no such object."""
        return self.code in _MISSING

    @property
    def refused(self) -> bool:
        """Whether the condition of a write did not hold (AWS: 404 for a missing object)."""
        return self.status == 412 or self.missing  # noqa: PLR2004 - RFC 9110 §15.5.13

    @property
    def busy(self) -> bool:
        """Whether a write was turned away for another one in progress."""
        return self.code in _BUSY

    @property
    def doubtful(self) -> bool:
        """Whether a write may have been done in spite of this."""
        gone = self.network or self.code in _DOUBTFUL
        return gone or self.status >= 500  # noqa: PLR2004 - RFC 9110 §15.6


def explain(failure: Failure, doing: str, where: str) -> StoreError:
    """Return the error to raise for a failed request."""
    if failure.missing:
        return MissingObjectError("no such object", where=where, mend="run `archiver verify`")
    reason = failure.code or f"status {failure.status}"
    mend = _MENDS.get(failure.code, "look this code up in the store's manual, then try again")
    return StoreError(f"could not {doing}: {reason}", where=where, mend=mend)


def uncertain(where: str) -> StoreError:
    """Return the error for a write that may or may not have been done."""
    return StoreError(
        "the store could not be asked whether it kept a write",
        where=where,
        mend="run the same command again: it finds out, and does nothing twice",
        code="store-uncertain",
    )


def damaged(what: str, where: str) -> StoreError:
    """Return the error for bytes that changed on their way."""
    return StoreError(
        f"the bytes changed on their way: {what}",
        where=where,
        mend="run the same command again; if it stays, run `archiver doctor` on this store",
        code="store-damaged",
    )


def unordered(where: str) -> StoreError:
    """Return the error for a listing that is not in byte order of keys."""
    return StoreError(
        "the store lists objects in another order than S3 promises",
        where=where,
        mend="use a general purpose bucket (a directory bucket lists in any order)",
    )


def too_large(limit: int, where: str) -> StoreError:
    """Return the error for an object that one PutObject cannot carry."""
    return StoreError(
        f"the object is larger than {limit} bytes",
        where=where,
        mend="close segments earlier: one object is one PutObject, never multipart",
    )

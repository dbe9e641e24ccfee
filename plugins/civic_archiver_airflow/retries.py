"""What happens after a failure, by the class of the archive's error.

What may pass is tried again; what a person must mend fails at once, so that it is seen.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryDecision, RetryRule

from archiver.errors import (
    AuthorisationError,
    ConflictError,
    ForbiddenError,
    FormatError,
    IntegrityError,
    KeyStoreError,
    RateLimitedError,
    RefusedError,
    TransientError,
    UsageError,
)

if TYPE_CHECKING:
    from airflow.sdk import Context

__all__ = ["AT_ONCE", "PASSING", "RETRIES", "ByErrorClass"]

RETRIES = 4

PASSING: dict[type[Exception], str] = {
    TransientError: "it may have passed by then",
    RateLimitedError: "the platform asks us to wait",
    ConflictError: "another writer was quicker",
}
"""Error class -> why another try makes sense."""

AT_ONCE: dict[type[Exception], str] = {
    AuthorisationError: "the credential must be renewed",
    ForbiddenError: "the platform does not allow it",
    FormatError: "the same bytes will not be read otherwise",
    IntegrityError: "stored bytes are not what was sealed: see `archiver verify`",
    KeyStoreError: "a key or credential is missing in this home",
    RefusedError: "a rule forbids it",
    UsageError: "it makes no sense as it is set up",
}
"""Error class -> why no other try makes sense."""


class ByErrorClass(ExceptionRetryPolicy):
    """Retries what may pass, fails at once what a person must mend.

    Anything else (an unreachable bucket, a full disk) is retried as the task says.
    """

    def __init__(self) -> None:
        rules = [_rule(error, RetryAction.RETRY, why) for error, why in PASSING.items()]
        rules += [_rule(error, RetryAction.FAIL, why) for error, why in AT_ONCE.items()]
        super().__init__(rules)

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,
        context: Context | None = None,
    ) -> RetryDecision:
        """Decide; a platform that names the wait is given it."""
        if isinstance(exception, RateLimitedError):
            return RetryDecision.retry(
                timedelta(seconds=exception.retry_after), PASSING[RateLimitedError]
            )
        return super().evaluate(exception, try_number, max_tries, context)


def _rule(error: type[Exception], action: RetryAction, why: str) -> RetryRule:
    return RetryRule(exception=error, action=action, reason=why)

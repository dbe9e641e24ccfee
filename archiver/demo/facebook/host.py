"""The one host on which Meta's platforms answer: a request belongs to whose token it carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.demo.facebook.api import token_of

if TYPE_CHECKING:
    from archiver.demo.answer import Answer, Asked
    from archiver.demo.facebook.api import Facebook

__all__ = ["Host"]

_NO_SUCH_FILE = 404
"""Graph itself answers 400 and above it by code, never this."""


class Host:
    """Answers for several accounts, whose things have different numbers."""

    def __init__(self) -> None:
        self._accounts: list[Facebook] = []

    def keep(self, account: Facebook) -> None:
        """Answer for one more account."""
        self._accounts.append(account)

    def answer(self, asked: Asked) -> Answer | None:
        """Answer one request; without a token that is known, the first account refuses it.

        Files are given to whoever knows their address, by the account that has them.
        """
        sent, answer = token_of(asked), None
        for one in [one for one in self._accounts if one.token == sent] or self._accounts:
            answer = one.answer(asked)
            if answer is None or answer.status != _NO_SUCH_FILE:
                return answer
        return answer

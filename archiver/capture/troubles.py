"""What a run met that kept it from reading everything, and what that means for it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.problems import Action, kind_of, told

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from archiver.capture.connector import Problem

__all__ = ["Troubles"]


class Troubles:
    """What did not come.

    ``incomplete``: by listing or thing, why. ``torn``: something that was begun did not end,
    so that what is known is no proof of what came before or with it. ``halted``: the platform
    answers nothing more in this run, so that nothing can be concluded of what it does not show.
    """

    def __init__(self, incomplete: Mapping[str, str]) -> None:
        self.incomplete = dict(incomplete)
        self.torn = self.halted = False

    def meet(self, name: str, problem: Problem, *, tears: bool) -> None:
        """Take note of a problem. ``tears``: it broke off what had been begun."""
        self.incomplete[name] = told(problem)
        self.halted |= kind_of(problem).action is Action.STOP_PLATFORM
        self.torn |= tears

    def misread(self, name: str, why: str, *, tears: bool = False) -> None:
        """Take note of an answer that is not what the platform documents."""
        self.incomplete[name] = f"schema: {why}"
        self.torn |= tears

    def broke(self, names: Collection[str]) -> bool:
        """Tell whether something came of any of these listings that is not whole."""
        return any(name in self.incomplete for name in names)

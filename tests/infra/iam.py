"""An evaluator of IAM policies, as far as the policies in `infra/` go. Pure.

It follows "Policy evaluation logic" of the IAM User Guide for requests within one account: a
matching Deny wins, else a matching Allow in the caller's policies or the resource's decides, else
it is denied. An operator it does not know is an error: nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Request", "allowed"]

Statement = dict[str, Any]
_VARIABLE = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True)
class Request:
    """Who asks for what, and what is known of the request (names of keys in any case)."""

    principal: str
    action: str
    resource: str
    context: Mapping[str, str | list[str]] = field(default_factory=dict)

    def known(self, name: str) -> list[str]:
        """Return the values of a condition key; none where the request has none."""
        wanted = name.lower()
        if wanted == "aws:principalarn":
            return [self.principal]
        found = next((v for k, v in self.context.items() if k.lower() == wanted), [])
        return found if isinstance(found, list) else [found]


def _many(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return value if isinstance(value, list) else [value]


def _like(text: str, pattern: str) -> bool:
    """Match with ``*`` and ``?`` alone; brackets mean nothing in IAM."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def _filled(text: str, request: Request) -> str | None:
    """Return a text with its policy variables; None where one is not known: nothing matches."""
    for name in _VARIABLE.findall(text):
        values = request.known(name)
        if not values:
            return None
        text = text.replace("${" + name + "}", values[0])
    return text


_TESTS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda have, want: have == want,
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda have, want: have.lower() == want.lower(),
    "NumericLessThan": lambda have, want: float(have) < float(want),
    "NumericGreaterThan": lambda have, want: float(have) > float(want),
    "NumericGreaterThanEquals": lambda have, want: float(have) >= float(want),
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}


def _holds(operator: str, name: str, wanted: list[str], request: Request) -> bool:
    have = request.known(name)
    if operator == "Null":
        return (not have) == (wanted[0] == "true")
    if operator in _NEGATED:
        test = _TESTS[_NEGATED[operator]]
        return not any(test(one, want) for one in have for want in wanted)
    quantifier, _, base = operator.rpartition(":")
    filled = [text for text in (_filled(one, request) for one in wanted) if text is not None]
    met = [any(_TESTS[base](one, want) for want in filled) for one in have]
    if quantifier == "ForAllValues":
        return all(met)
    return any(met) if quantifier in {"", "ForAnyValue"} else _unknown(operator)


def _unknown(what: str) -> bool:
    raise NotImplementedError(what)


def _is_for(principal: Any, request: Request) -> bool:  # noqa: ANN401 - JSON
    if principal == "*":
        return True
    named = [one for kind in ("AWS", "Service") for one in _many(principal.get(kind, []))]
    account = request.principal.split(":")[4] if request.principal.startswith("arn:") else ""
    return any(
        one in {"*", request.principal} or (account and one.endswith(f":{account}:root"))
        for one in named
    )


def _named(statement: Statement, what: str, value: str, request: Request) -> bool:
    """Tell whether Action or Resource, or what is left by NotAction or NotResource, has a value."""
    listed = statement.get(what, statement.get(f"Not{what}"))
    patterns = [text for one in _many(listed) if (text := _filled(one, request)) is not None]
    if what == "Action":
        value, patterns = value.lower(), [one.lower() for one in patterns]
    return any(_like(value, one) for one in patterns) == (what in statement)


def _matches(statement: Statement, request: Request) -> bool:
    principal = statement.get("Principal")
    return (
        (principal is None or _is_for(principal, request))
        and _named(statement, "Action", request.action, request)
        and (("Resource" not in statement and "NotResource" not in statement)
             or _named(statement, "Resource", request.resource, request))
        and all(
            _holds(operator, name, [str(one) for one in _many(wanted)], request)
            for operator, keys in statement.get("Condition", {}).items()
            for name, wanted in keys.items()
        )
    )  # fmt: skip


def allowed(own: Iterable[Statement], resources: Iterable[Statement], request: Request) -> bool:
    """Say whether a request is allowed by the caller's statements and those of the resource."""
    effects = {one["Effect"] for one in (*own, *resources) if _matches(one, request)}
    return effects == {"Allow"}

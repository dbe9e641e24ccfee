"""Names of keys in tokens: the PKCS #11 URI scheme (RFC 7512), as far as a key needs it.

``pkcs11:token=City;object=clerk?module-path=/usr/lib/softhsm/libsofthsm2.so``. A PIN never
stands in one: it would be in the process list and in the shell's history.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

from archiver.errors import UsageError

__all__ = ["SCHEME", "TokenUri", "parse"]

SCHEME = "pkcs11:"
_PATH = ("token", "manufacturer", "model", "serial", "object", "id", "type")
_QUERY = ("module-path", "pin-source")
_BAD_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


class TokenUri(NamedTuple):
    """Which key in which token, by what module; an empty attribute matches anything.

    ``module``: absolute path of the shared library. ``pin_source``: where the PIN is read
    from (``file:``, ``env:`` or a path); empty: a person is asked.
    """

    token: str = ""
    manufacturer: str = ""
    model: str = ""
    serial: str = ""
    object: str = ""
    id: bytes = b""
    module: str = ""
    pin_source: str = ""

    def __str__(self) -> str:
        """Return what it names, without the query: an error text needs no more."""
        named = [
            f"{name}={quote(getattr(self, name))}" for name in _PATH[:5] if getattr(self, name)
        ]
        if self.id:
            named.append("id=" + "".join(f"%{byte:02x}" for byte in self.id))
        return SCHEME + ";".join(named)


def parse(text: str) -> TokenUri:
    """Return what a URI names. Raises `UsageError`, which quotes no value of it."""
    if not text.startswith(SCHEME):
        raise _odd("it does not begin with pkcs11:")
    path, _, query = text.removeprefix(SCHEME).partition("?")
    found = {**_attributes(path, ";", _PATH), **_attributes(query, "&", _QUERY)}
    if found.pop("type", b"private") not in {b"private", b"public"}:
        raise _odd("its type is neither private nor public")
    key_id = found.pop("id", b"")
    try:
        texts = {name: value.decode() for name, value in found.items()}
    except UnicodeDecodeError:
        raise _odd("an attribute is no text in UTF-8") from None
    module = texts.pop("module-path", "")
    if not module.startswith("/"):
        raise _odd("module-path names no library by its whole path")
    pin_source = texts.pop("pin-source", "")
    return TokenUri(**texts, id=key_id, module=module, pin_source=pin_source)


def _attributes(text: str, separator: str, known: tuple[str, ...]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in filter(None, text.split(separator)):
        name, _, value = part.partition("=")
        if name == "pin-value":
            raise UsageError(
                "a PIN does not belong into the name of a key: others see the command line",
                mend="leave it out and type it when asked, or name a file with pin-source=file:/…",
                code="pin-shown",
            )
        if name not in known or name in found or not value or _BAD_ESCAPE.search(value):
            raise _odd(f"its attribute {name[:30]!a} is unknown here, doubled or malformed")
        found[name] = unquote_to_bytes(value)
    return found


def _odd(why: str) -> UsageError:
    return UsageError(
        f"not the name of a key in a token: {why}",
        mend="write pkcs11:token=LABEL;object=LABEL?module-path=/path/of/module.so (RFC 7512)",
        code="token-uri",
    )

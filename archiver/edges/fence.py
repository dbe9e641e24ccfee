"""The fence: what others wrote is asked at public network addresses alone.

A page's links, redirects and resources name hosts that whoever wrote the page chose, and with
them could make the archive ask machines that only it can reach. So a name is resolved once, all
of its addresses must be public, and the connection is made to one of these very addresses: what
the name means a moment later (DNS rebinding) makes no difference. Blocks: the IANA special-purpose
registries (RFC 6890), and what embeds an IPv4 address in an IPv6 one.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from archiver.errors import CaptureError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PORTS", "Fence", "FencedError", "is_public"]

PORTS = frozenset({80, 443, 8080, 8443})
"""Where the web is; a mail server or a database that a link names is not asked."""
_USUAL = {"http": 80, "https": 443}
_SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
            "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
            "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
            "168.63.129.16/32",  # Azure's own services answer there, to its machines alone
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        ),
    )
)  # fmt: skip
_UNICAST = ipaddress.ip_network("2000::/3")
"""All that IANA has given out of IPv6 for use on the internet (RFC 4291 §2.4)."""
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 behind a translator (RFC 6052): the last four bytes are its address."""
_HERE = frozenset({"localhost"})


class FencedError(CaptureError):
    """An address leads where nobody outside is to send us."""

    code = "capture-fenced"


class Fence(NamedTuple):
    """What may be reached in the name of one account.

    ``host`` and ``port``: of the account's own address, where whoever approved it could see that
    it is no public one: it names this machine, or is written as a number. ``resolve``: host and
    port -> network addresses.
    """

    host: str
    port: int
    resolve: Callable[[str, int], list[str]]

    @classmethod
    def around(cls, url: str, resolve: Callable[[str, int], list[str]] | None = None) -> Fence:
        """Return the fence of an account's address."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        plain = host in _HERE or _literal(host) is not None
        port = parts.port or _USUAL.get(parts.scheme, 0)
        return cls(host if plain else "", port, resolve or addresses)

    def pinned(self, host: str, port: int) -> str:
        """Return the network address to connect to.

        Raises:
            FencedError: it is none that may be reached.
            OSError: the name can't be resolved.
        """
        name = host.strip("[]").lower()
        own = bool(self.host) and (name, port) == (self.host, self.port)
        if not own and port not in PORTS:
            raise _fenced(f"port {port}", host)
        found = self.resolve(name, port)
        if not found:
            raise OSError("the name has no address")
        for one in found:
            if not is_public(one) and not (own and is_near(one)):
                raise _fenced("an address that is not public", host)
        return found[0]


def addresses(host: str, port: int) -> list[str]:
    """Return the network addresses of a host; of one written as a number, itself."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


def is_public(address: str) -> bool:
    """Tell whether a network address is one of the public internet."""
    ip = _literal(address)
    if ip is None or "%" in address:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped
        if inner is None and ip in _TRANSLATED:
            inner = ipaddress.IPv4Address(ip.packed[-4:])
        if inner is not None:
            return is_public(str(inner))
        if ip not in _UNICAST:
            return False
    return not any(ip in block for block in _SPECIAL if block.version == ip.version)


def is_near(address: str) -> bool:
    """Tell whether an address is this machine's or one of the house's own network.

    Not that of a cloud's services for its machines (link-local), nor of many at once.
    """
    ip = _literal(address)
    if ip is None:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        return False
    far = ip.is_link_local or ip.is_multicast or ip.is_unspecified
    return (ip.is_loopback or ip.is_private) and not far


def _literal(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _fenced(what: str, host: str) -> FencedError:
    return FencedError(
        f"we ask nobody at {what} because a page says so",
        where=host[:200],
        mend="nothing, unless it is a site of the city's own: then register it as an account",
    )

"""Addresses that lead inside, spelt in every way that anybody has thought of; and a trap there."""

from __future__ import annotations

import socket
import threading
from typing import Self

__all__ = ["METADATA", "NAMES", "SCHEMES", "SPELLINGS", "TRICKS", "Trap"]

SPELLINGS = (
    *("127.0.0.1", "127.1", "127.0.1", "127.127.127.127", "127.0.0.2", "0", "0x0"),
    "0.0.0.0",  # noqa: S104 - an address to ask, not to listen at
    *("2130706433", "2130706434", "017700000001", "0x7f000001", "0x7F000001", "0x7f.0.0.1"),
    *("0x7f.0x0.0x0.0x1", "0177.0.0.1", "0177.0.0.01", "00000177.0.0.1", "0x7f.1", "0177.1"),
    *("127.0x1", "127.0.0x0.1", "0x7f.0.1", "0177.0x0.0.1", "00.00.00.00", "0x00000000"),
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::ffff:127.0.0.1]"),
    *("[::ffff:7f00:1]", "[::ffff:0.0.0.0]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]"),
    *("[::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"),
    *("[2002:7f00:0001::1]", "[fe80::1]", "[fc00::1]", "[fd12:3456::1]", "[ff02::1]"),
    *("localhost", "LOCALHOST", "LocalHost", "localhost.", "127.0.0.1."),
    *("\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021", "\u2460\u2461\u2466.0.0.1"),
    *("%31%32%37.0.0.1", "127.0.0.1%00", "loc%61lhost", "\uff4cocalhost", "127.0.0.1%2e"),
    *("xn--a", "xn--\u3002"),
    *("10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1"),
    *("100.64.0.1", "198.18.0.1", "192.0.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
    *("[2001::1]", "[2001:db8::1]", "[100::1]", "[::ffff:10.0.0.1]", "[64:ff9b:1::1]"),
    *("3232235521", "0xC0A80001", "0300.0250.0.1", "167772161", "012.0.0.1"),
)
"""Hosts: this machine, the house's own network, and what is nobody's (RFC 6890)."""
METADATA = (
    *("169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518"),
    *("[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "169.254.170.2"),
    *("[2002:a9fe:a9fe::]", "[fd00:ec2::254]", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    *("0xA9.0xFE.0xA9.0xFE", "169.254.0.0", "[fe80::a9fe:a9fe]", "025177524776"),
)
"""Where clouds tell their machines secrets."""
NAMES = {
    "inside.example": ["127.0.0.1"],
    "inside6.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "both.example": ["93.184.216.34", "127.0.0.1"],
    "either.example": ["127.0.0.1", "93.184.216.34"],
    "six-and-four.example": ["2606:2800:220:1::1", "10.0.0.1"],
    "private.example": ["10.1.2.3"],
    "metadata.example": ["169.254.169.254"],
    "zone.example": ["fe80::1%lo"],
    "xn--bcher-kva.example": ["127.0.0.1"],
    "none.example": [],
    "127.0.0.1.nip.example": ["127.0.0.1"],
    "wildcard.localtest.example": ["127.0.0.1"],
    "nat64.example": ["64:ff9b::7f00:1"],
    "sixtofour.example": ["2002:7f00:1::1"],
    "unspecified.example": ["0.0.0.0"],  # noqa: S104 - likewise
}
"""Names that mean something inside, or that as well."""
SCHEMES = (
    *("file:///etc/passwd", "file://127.0.0.1/etc/passwd", "FILE:///etc/passwd"),
    *("gopher://{at}/_GET%20/", "ftp://{at}/", "dict://{at}/info", "ldap://{at}/", "tftp://{at}/x"),
    *("jar:http://{at}!/", "data:text/html,x", "javascript:fetch('http://{at}')", "ws://{at}/"),
    *(
        "wss://{at}/",
        "sftp://{at}/",
        "smb://{at}/c$",
        "netdoc:///etc/passwd",
        "view-source:http://{at}",
    ),
    *(
        "blob:http://{at}/x",
        "about:blank",
        "chrome://version",
        "unix:/run/docker.sock",
        "php://input",
    ),
)
"""What is no address of the web."""
TRICKS = (
    *("http://{at}/", "http://www.example.gov@{at}/", "http://www.example.gov:80@{at}/"),
    *(
        "http://www.example.gov%40{at}/",
        "http://{at}#@www.example.gov/",
        "http://{at}?@example.gov",
    ),
    *("http://{at}\\@www.example.gov/", "http:\\\\{at}/", "http:/{at}/", "http:{at}/", "//{at}/"),
    *("///{at}/", "\\\\{at}\\", "http://{at}/%0d%0aHost:%20x", "HTTP://{at}/", " http://{at}/ "),
    *("http://\t{at}/", "http://{at}:@/", "http://a:b@{at}/", "http://[{at}]/", "http://;@{at}/"),
    *("https://{at}/", "http://{at}/latest/meta-data/", "http://{at}/../..//x", "http://{at}%2f/"),
)
"""Addresses that mean something else than they look like, to one program or another."""


class Trap:
    """Listens on this machine, IPv4 and IPv6, TCP and UDP; ``touched`` counts who came."""

    def __init__(self) -> None:
        self.touched: list[str] = []
        self._stopped = False
        self._sockets: list[socket.socket] = []
        self.port = self._open(socket.AF_INET, "127.0.0.1", socket.SOCK_STREAM, 0)
        self._open(socket.AF_INET, "127.0.0.1", socket.SOCK_DGRAM, self.port)
        if socket.has_ipv6:
            self._open(socket.AF_INET6, "::1", socket.SOCK_STREAM, self.port)

    def __enter__(self) -> Self:
        for one in self._sockets:
            threading.Thread(target=self._watch, args=(one,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        for one in self._sockets:
            one.close()

    def _open(self, family: int, host: str, kind: int, port: int) -> int:
        try:
            made = socket.socket(family, kind)
            made.bind((host, port))
        except OSError:  # a machine without IPv6
            return port
        if kind == socket.SOCK_STREAM:
            made.listen(50)
        made.settimeout(0.2)
        self._sockets.append(made)
        return int(made.getsockname()[1])

    def _watch(self, one: socket.socket) -> None:
        while not self._stopped:
            try:
                if one.type == socket.SOCK_DGRAM:
                    self.touched.append(f"udp {one.recvfrom(100)[1]}")
                else:
                    came, who = one.accept()
                    came.settimeout(1)
                    self.touched.append(f"tcp {who} {came.recv(100)!r}")
                    came.close()
            except TimeoutError:
                continue
            except OSError:
                return

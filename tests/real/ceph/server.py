"""A real S3 server on this machine: Ceph's monitor, one store in memory, and its gateway."""

from __future__ import annotations

import socket
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.edges.servers import certificate_authority
from tests.edges.store_helpers import ACCESS_KEY, SECRET
from tests.real.daemons import Daemons, free_port
from tests.real.packages import need, program, run
from tests.real.servers import Server

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Ceph"]

PACKAGES = ("ceph-mon", "ceph-osd", "radosgw", "ceph-common")
PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph-authtool", "monmaptool")
MEMORY = 2 << 30
"""Bytes that the store holds."""

SETTINGS = """
[global]
fsid={fsid}
mon_initial_members=a
mon_host=[v1:127.0.0.1:{monitor}]
public_addr=127.0.0.1
cluster_addr=127.0.0.1
ms_bind_ipv6=false
osd_pool_default_size=1
osd_pool_default_min_size=1
osd_pool_default_pg_num=4
osd_crush_chooseleaf_type=0
mon_allow_pool_size_one=true
mon_max_pg_per_osd=1000
keyring={folder}/keyring
run_dir={folder}
admin_socket={sockets}/$name.asok
log_file={folder}/$name.log
[mon.a]
mon_data={folder}/mon
mon_data_avail_crit=1
[osd]
osd_data={folder}/osd
osd_objectstore=memstore
memstore_device_bytes={memory}
[client.rgw.a]
rgw_data={folder}
rgw_frontends=beast endpoint=127.0.0.1:{gateway} {secured}
rgw_enable_usage_log=false
rgw_dynamic_resharding=false
"""
KEYS = {
    "mon.": ("mon", "allow *"),
    "client.admin": ("mon", "allow *", "osd", "allow *", "mgr", "allow *"),
    "osd.0": ("mon", "allow profile osd", "osd", "allow *"),
    "client.rgw.a": ("mon", "allow rw", "osd", "allow rwx"),
}
"""What each part of the cluster may do (cephx capabilities)."""


@dataclass(slots=True)
class Ceph(Server):
    """One cluster of its own, from an empty or absent folder; ``url`` is its S3 address.

    ``secure_url``: the same over TLS, with the certificate in ``certificate``. Its one user has
    the keys that `tests.edges.store_helpers` uses.
    """

    folder: Path
    url: str = ""
    secure_url: str = ""
    _daemons: Daemons | None = None

    @property
    def certificate(self) -> Path:
        """The file with the gateway's key, its certificate, and who signed that."""
        return self.folder / "server.pem"

    def _install(self) -> None:
        need(PACKAGES, PROGRAMS)

    def _start(self) -> None:
        for name in ("mon", "osd", "logs"):
            (self.folder / name).mkdir(parents=True)
        self._daemons = daemons = Daemons(self.folder / "logs")
        fsid, monitor, gateway, secure = str(uuid.uuid4()), free_port(), free_port(), free_port()
        text = SETTINGS.format(
            fsid=fsid, monitor=monitor, gateway=gateway, folder=self.folder,
            secured=f"ssl_endpoint=127.0.0.1:{secure} ssl_certificate={self.certificate}",
            sockets=daemons.sockets, memory=MEMORY,
        )  # fmt: skip
        certificate_authority(self.folder)
        (self.folder / "ceph.conf").write_text(text)
        self._make_keys(fsid, monitor)
        settings = ("-c", self.folder / "ceph.conf")
        run("ceph-mon", *settings, "--mkfs", "-i", "a", "--monmap", self.folder / "monmap")
        daemons.start("mon", program("ceph-mon"), *settings, "-f", "-i", "a")
        self._wait_for(monitor)
        identity = str(uuid.uuid4())
        run("ceph", *settings, "osd", "new", identity, "0")
        run("ceph-osd", *settings, "-i", "0", "--mkfs", "--osd-uuid", identity)
        daemons.start("osd", program("ceph-osd"), *settings, "-f", "-i", "0")
        run("ceph", *settings, "osd", "crush", "add", "osd.0", "1", "root=default", "host=h")
        daemons.start("gateway", program("radosgw"), *settings, "-f", "-n", "client.rgw.a")
        self._wait_for(gateway)
        run(
            "radosgw-admin", *settings, "user", "create", "--uid=archive",
            "--display-name=archive", f"--access-key={ACCESS_KEY}", f"--secret-key={SECRET}",
        )  # fmt: skip
        self.url = f"http://127.0.0.1:{gateway}"
        self.secure_url = f"https://127.0.0.1:{secure}"

    def _make_keys(self, fsid: str, monitor: int) -> None:
        keyring = self.folder / "keyring"
        run("ceph-authtool", "--create-keyring", keyring)
        for name, rights in KEYS.items():
            pairs = zip(rights[::2], rights[1::2], strict=True)
            caps = [word for who, what in pairs for word in ("--cap", who, what)]
            run("ceph-authtool", keyring, "--gen-key", "-n", name, *caps)
        address = f"[v1:127.0.0.1:{monitor}]"
        monmap = self.folder / "monmap"
        run("monmaptool", "--create", "--addv", "a", address, "--fsid", fsid, monmap)

    def _wait_for(self, port: int) -> None:
        def answers() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        assert self._daemons is not None
        self._daemons.wait("Ceph", answers, seconds=120)

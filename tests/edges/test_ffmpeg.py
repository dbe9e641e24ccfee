"""ffmpeg: what it may read, what it says to nobody, and what it does where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from archiver.edges import ffmpeg as module
from archiver.edges.ffmpeg import Ffmpeg
from archiver.errors import ArchiverError, RefusedError
from archiver.flows.masking import masked
from archiver.redact.mark import Mark, Region
from archiver.redact.timed import FORMATS, MARGIN

if TYPE_CHECKING:
    from pathlib import Path

REAL = shutil.which("ffmpeg")
with_ffmpeg = pytest.mark.skipif(REAL is None, reason="ffmpeg is not installed here")
SECRET = b"canary-in-the-title"


def program(folder: Path, script: str) -> Ffmpeg:
    """Return a program in place of ffmpeg."""
    path = folder / "ffmpeg"
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o700)
    return Ffmpeg(str(path))


OUT = 'for last; do :; done; exec 9>"$last"; '
"""The last argument is the file that is made."""


def test_it_reads_no_other_file_and_has_no_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only formats that hold pictures and sound, only files; nothing lies on a disk."""
    monkeypatch.setenv("ARCHIVER_SECRET", "sesame")
    told = program(tmp_path, OUT + 'echo "$@" >&9; /usr/bin/env >&9')
    words = told.mask(b"x", FORMATS, ("-an",), "mp4").decode()
    assert f"-protocol_whitelist file -format_whitelist {FORMATS} -i /proc/self/fd/" in words
    assert not {"concat", "hls", "image2", "lavfi", "sdp"} & set(FORMATS.split(","))
    assert "sesame" not in words
    assert {path.name for path in tmp_path.iterdir()} == {"ffmpeg"}


def test_what_goes_in_comes_whole(tmp_path: Path) -> None:
    """More than a pipe holds, in and out."""
    data = bytes(range(256)) * 4096
    copy = program(tmp_path, OUT + 'while [ "$1" != -i ]; do shift; done; /bin/cat "$2" >&9')
    assert copy.mask(data, FORMATS, (), "mp4") == data


@pytest.mark.parametrize("script", ["echo canary >&2; exit 1", "exit 0"])
def test_what_fails_is_refused_and_not_quoted(tmp_path: Path, script: str) -> None:
    """Damaged, or nothing was made of it: what the program says of the file is told nobody."""
    with pytest.raises(RefusedError) as caught:
        program(tmp_path, script).mask(b"x", FORMATS, (), "mp4")
    assert caught.value.code == "mask-impossible"
    assert "canary" not in str(caught.value)


def test_what_takes_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that keeps it busy for ever."""
    monkeypatch.setattr(module, "LONGEST", 0.2)
    with pytest.raises(RefusedError, match="too long"):
        program(tmp_path, "exec /bin/sleep 600").mask(b"x", FORMATS, (), "mp4")


@pytest.mark.parametrize("name", ["", "/no/such/program"])
def test_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """It is said, and what to do instead."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ArchiverError) as caught:
        Ffmpeg(name).mask(b"x", FORMATS, (), "mp4")
    assert (caught.value.code, caught.value.exit_code) == ("ffmpeg-missing", 3)
    assert "--whole" in caught.value.mend


def made(path: Path, *words: str) -> bytes:
    """Return a file that ffmpeg makes of words."""
    command = [REAL or "", "-v", "error", "-y", *words, "-metadata", f"title={SECRET.decode()}"]
    subprocess.run([*command, str(path)], check=True)
    return path.read_bytes()


def mark(box: tuple[int, ...], span: tuple[int, ...]) -> Mark:
    """Return a mark on a part of a file."""
    return Mark("h", "r", "c", "b", "d", "t", region=Region(box, span))


def frame(path: Path, second: float) -> bytes:
    """Return the pixels (RGB, 320 by 240) of a video at a moment."""
    ways = ("-ss", str(second), "-i", str(path), "-frames:v", "1", "-f", "rawvideo")
    command = [REAL or "", "-v", "error", *ways, "-pix_fmt", "rgb24", "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def samples(path: Path) -> list[int]:
    """Return the samples of a sound, 8,000 a second."""
    ways = ("-i", str(path), "-ac", "1", "-ar", "8000", "-f", "s16le", "-")
    done = subprocess.run([REAL or "", "-v", "error", *ways], check=True, capture_output=True)
    data = done.stdout
    return [
        int.from_bytes(data[at : at + 2], "little", signed=True) for at in range(0, len(data), 2)
    ]


VIDEO = (
    *("-f", "lavfi", "-i", "color=red:s=320x240:d=3:r=10", "-f", "lavfi", "-i", "sine=440:d=3"),
    *("-c:v", "libx264", "-c:a", "aac"),
)
BOX = (250_000, 250_000, 500_000, 500_000)


def red(pixels: bytes, x: int, y: int) -> bool:
    """Tell whether a pixel is red, and not black."""
    at = 3 * (320 * y + x)
    return pixels[at] > 128


@with_ffmpeg
def test_a_box_is_black_while_its_time_lasts(tmp_path: Path) -> None:
    """There and then, not elsewhere, not before; twice the same bytes, and no title."""
    data = made(tmp_path / "in.mp4", *VIDEO)
    assert SECRET in data
    done = masked(data, "video/mp4", [mark(BOX, (1000, 2000))], Ffmpeg())
    assert done == masked(data, "video/mp4", [mark(BOX, (1000, 2000))], Ffmpeg())
    assert done.media_type == "video/mp4"
    assert SECRET not in done.data
    out = tmp_path / "out.mp4"
    out.write_bytes(done.data)
    before, during = frame(out, 0.2), frame(out, 1.5)
    assert red(before, 120, 90)
    assert not any(red(during, x, y) for x in range(80, 160, 5) for y in range(60, 120, 5))
    assert red(during, 250, 200)
    assert max(map(abs, samples(out)[12_000:12_800])) > 500  # what is said goes on


@with_ffmpeg
def test_a_time_without_a_box_is_neither_seen_nor_heard(tmp_path: Path) -> None:
    """Picture and sound, and a little on both sides."""
    data = made(tmp_path / "in.mp4", *VIDEO)
    done = masked(data, "video/mp4", [mark((), (1000, 2000))], Ffmpeg())
    out = tmp_path / "out.mp4"
    out.write_bytes(done.data)
    assert not any(red(frame(out, 1.5), x, y) for x in range(0, 320, 40) for y in range(0, 240, 40))
    heard = samples(out)
    quiet = heard[8 * (1000 - MARGIN // 2) : 8 * (2000 + MARGIN // 2)]
    assert max(map(abs, quiet)) < 20
    assert max(map(abs, heard[:4000])) > 500


@with_ffmpeg
def test_a_sound_is_silent_there(tmp_path: Path) -> None:
    """And nothing of the file's own words is left."""
    data = made(tmp_path / "in.wav", "-f", "lavfi", "-i", "sine=440:d=3")
    done = masked(data, "audio/wav", [mark((), (1000, 2000))], Ffmpeg())
    out = tmp_path / "out.flac"
    out.write_bytes(done.data)
    heard = samples(out)
    assert set(heard[7_000:17_000]) == {0}
    assert max(map(abs, heard[:4000])) > 500
    assert (done.media_type, SECRET in done.data) == ("audio/flac", False)


@with_ffmpeg
@pytest.mark.parametrize(
    "data", [b"", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n", b"ffconcat version 1.0\nfile x"]
)
def test_a_list_of_other_files_is_not_read(data: bytes) -> None:
    """Nor what is no video at all."""
    with pytest.raises(RefusedError):
        masked(data, "video/mp4", [mark((), (0, 10))], Ffmpeg())

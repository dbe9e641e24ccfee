"""How video and sound are masked: what is asked for, and what can't be."""

from __future__ import annotations

from itertools import pairwise

import pytest

from archiver.errors import RefusedError
from archiver.redact.mark import Region
from archiver.redact.timed import masking

BOX = (250_000, 0, 500_000, 1_000_000)


def test_a_box_is_widened_and_lasts_a_little_longer() -> None:
    """In pixels and in time: filters decide frame by frame, codings smear."""
    told = " ".join(masking("video/mp4", [Region(BOX, (100, 2000))]).arguments)
    assert "x='max(0,iw*250000/1000000-16)'" in told
    assert "w='iw*250000/1000000+33'" in told
    assert "between(t,0.000,2.250)" in told
    assert "volume" not in told


def test_without_a_box_sound_goes_too() -> None:
    """What is said tells what is seen."""
    told = masking("Video/QuickTime", [Region((), (1000, 2000))])
    assert "volume=0:enable='between(t,0.750,2.250)'" in " ".join(told.arguments)
    assert (told.format, told.media_type) == ("mp4", "video/mp4")


@pytest.mark.parametrize("kind", ["video/mp4", "audio/mpeg"])
def test_no_other_track_is_kept(kind: str) -> None:
    """One picture, one sound; no titles, covers, chapters, data."""
    told = masking(kind, [Region((), (0, 1))]).arguments
    assert {"-map_metadata", "-map_chapters", "-sn", "-dn"} <= set(told)
    maps = {one for flag, one in pairwise(told) if flag == "-map"}
    assert maps <= {"0:V:0", "0:a:0", "0:a:0?"}


@pytest.mark.parametrize(
    ("kind", "regions"),
    [
        ("application/pdf", [Region(BOX)]),
        ("", [Region(BOX)]),
        ("audio/mpeg", [Region(BOX)]),
        ("audio/mpeg", [Region((), (0, 1)), Region(BOX, (0, 1))]),
        ("video/mp4", [Region()]),
        ("video/mp4", []),
    ],
)
def test_what_can_not_be_masked(kind: str, regions: list[Region]) -> None:
    """It is withheld as a whole."""
    with pytest.raises(RefusedError) as caught:
        masking(kind, regions)
    assert caught.value.code == "mask-impossible"

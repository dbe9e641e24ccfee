"""Trust policies: what may be written, and who makes a quorum."""

from __future__ import annotations

from itertools import chain, combinations
from typing import TYPE_CHECKING

import pytest

from archiver.errors import FormatError
from archiver.ledger.policy import MAX_POLICY, Policy, k_of_n
from tests.ledger.cosigner import cosigners
from tests.ledger.note_signer import MemorySigner

if TYPE_CHECKING:
    from collections.abc import Iterable

LOG = MemorySigner("archive.example/log").verifier_key
KEYS = {
    name: [one.verifier_key for one in cosigners(f"{name}.example")]
    for name in ("x1", "x2", "x3", "y1", "y2")
}
WITNESSES = "".join(f"witness {name} {keys[0]}\n" for name, keys in KEYS.items())


def subsets(names: Iterable[str]) -> Iterable[tuple[str, ...]]:
    """Return every subset."""
    listed = list(names)
    return chain.from_iterable(combinations(listed, size) for size in range(len(listed) + 1))


def test_groups_of_groups() -> None:
    """Two of three from one operator and any from another, over every subset of witnesses."""
    text = f"""# operators
log {LOG} https://archive.example/
{WITNESSES}
group X 2 x1 x2 x3
\tgroup Y any y1 y2
group both all X Y
quorum both
"""
    policy = Policy.parse(text.encode())
    assert policy.logs == (LOG,)
    for some in subsets(KEYS):
        good = sum(one[0] == "x" for one in some) >= 2 and any(one[0] == "y" for one in some)
        assert policy.satisfied({KEYS[one][0] for one in some}) == good


def test_k_of_n_counts_a_witness_once() -> None:
    """Two keys of one witness are one voice."""
    policy = k_of_n(2, [(f"https://{name}.example/", keys) for name, keys in KEYS.items()])
    assert not policy.satisfied(KEYS["x1"])
    assert policy.satisfied([KEYS["x1"][0], KEYS["y2"][1]])
    assert {one.url for one in policy.witnesses.values()} == {f"https://{n}.example/" for n in KEYS}


def test_no_quorum_asks_nobody() -> None:
    """`quorum none`, and a quorum of 0, are met by nobody's cosignature."""
    assert Policy.parse(b"quorum none\n").satisfied(())
    assert k_of_n(0, [("https://x1.example/", KEYS["x1"])]).satisfied(())


@pytest.mark.parametrize(
    "text",
    [
        "",
        WITNESSES,
        f"{WITNESSES}quorum nobody\n",
        f"{WITNESSES}quorum x1\nquorum x2\n",
        f"{WITNESSES}quorum none\nquorum none\n",
        f"quorum x1\n{WITNESSES}",
        f"{WITNESSES}witness x1 {cosigners('z')[0].verifier_key}\nquorum x1\n",
        f"{WITNESSES}witness again {KEYS['x1'][0]}\nquorum x1\n",
        f"{WITNESSES}witness none {cosigners('z')[0].verifier_key}\nquorum x1\n",
        f"{WITNESSES}witness z {LOG}\nquorum x1\n",
        f"{WITNESSES}witness z\nquorum x1\n",
        f"log {KEYS['x1'][0]}\nquorum none\n",
        f"log {LOG}\nlog {LOG}\nquorum none\n",
        f"{WITNESSES}group g 0 x1\nquorum g\n",
        f"{WITNESSES}group g 3 x1 x2\nquorum g\n",
        f"{WITNESSES}group g 1\nquorum g\n",
        f"{WITNESSES}group g most x1\nquorum g\n",
        f"{WITNESSES}group g any x1 x1\nquorum g\n",
        f"{WITNESSES}group g any x1\ngroup h any x1\nquorum h\n",
        f"{WITNESSES}group g any g\nquorum g\n",
        f"{WITNESSES}group none any x1\nquorum x1\n",
        f"{WITNESSES}nonsense\nquorum x1\n",
        f"{WITNESSES}quorum\u0000x1\n",
        f"{WITNESSES}quorum x1\r\n",
        "#" * (MAX_POLICY + 1),
    ],
)
def test_what_is_no_policy(text: str) -> None:
    """What the specification forbids is refused."""
    with pytest.raises(FormatError):
        Policy.parse(text.encode())

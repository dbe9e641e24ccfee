"""Matters in a real archive: who decides, what the log learns of it, and what is taken once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.capture.settled import Settled
from archiver.errors import RefusedError, UsageError
from archiver.flows import custody, matter_acts, people, submit
from archiver.flows.deciding import Draft, draft, seal_drafts
from archiver.flows.handing_over import Produced, produced
from archiver.flows.ledger import read_state
from archiver.flows.matter_acts import Related, Tagged
from archiver.flows.matters import listed, matter_of, numbers_of
from archiver.flows.numbering import reserve
from archiver.flows.settle import seal_settled
from archiver.flows.verify import verify
from archiver.ledger import entry, ranges
from archiver.produce.bates import Scheme
from archiver.produce.scope import Scope
from archiver.registry.deciding import VOLUMES
from archiver.search.syntax import LANGUAGE
from tests.doubles import SeededRandomness
from tests.flows.hall import GOVERN, Hall, comment
from tests.flows.helpers import Quiet, observations, open_archive

if TYPE_CHECKING:
    from archiver.produce.matter import Matter

CULVERT = Scope(query="culvert", private=True)
CASE = Scheme("CITY", 6)
MANIFEST = "ab" * 32


def message(number: int) -> str:
    """Return the id of a private record."""
    return f"stand-in:city:messages:{number}"


def sealed(hall: Hall, one: Draft, *names: str) -> str:
    """Sign a decision, seal it, return the handle of its matter."""
    seal_drafts(hall.archive, [one.signed(hall.keys(*names))])
    return str(one.act.statement["matter"])


def opened(hall: Hall, scope: Scope = CULVERT, name: str = "Wilkowska v. City") -> str:
    """Open a matter; return its handle."""
    return sealed(hall, matter_acts.open_matter(hall.archive, name, "litigation", scope), "counsel")


def tagged(hall: Hall, matter: str, tag: str, *records: str, back: bool = False) -> Matter:
    """Tag records, or take a tag back; return the matter as it is then."""
    one = matter_acts.tag(hall.archive, matter, records, Tagged(tag, back=back))
    sealed(hall, one, "clerk")
    return matter_of(hall.archive, matter)


def approved(hall: Hall, matter: str, *records: str, by: str = "anna") -> None:
    """Have an export of private records approved."""
    requester = hall.of("clerk").handle
    one = matter_acts.approve(hall.archive, matter, records, "counsel asks", requester)
    sealed(hall, one, "clerk", by)


def volume(hall: Hall, matter: str, *records: str, **more: object) -> int:
    """Tell the ledger of a volume; return its number."""
    size = read_state(hall.archive).size
    made = Produced("VOL", "counsel", records, size, MANIFEST)
    return produced(hall.archive, matter, replace(made, **more), hall.keys("clerk"))  # type: ignore[arg-type]  # by name


def test_the_log_learns_no_word_of_a_matter(hall: Hall) -> None:
    """Query, names, tags, notes and prefixes stand in private documents alone."""
    scope = replace(CULVERT, accounts=("acct",), since="2026-01-01")
    name = opened(hall, scope)
    note = Tagged("privileged", "7(1)(m)", "letter of Zoeller")
    sealed(hall, matter_acts.tag(hall.archive, name, [comment(1), message(1)], note), "clerk")
    reserve(hall.archive, name, CASE, 500, hall.keys("clerk"))
    approved(hall, name, message(2))
    volume(hall, name, comment(2), message(2), bates=("CITY", 1, 20))
    sealed(hall, matter_acts.close_matter(hall.archive, name, "settled by Zoeller"), "counsel")
    entries = b"".join(entry.control(body) for _, body in read_state(hall.archive).controls)
    words = ("culvert", "Wilkowska", "litigation", "privileged", "7(1)", "Zoeller", "CITY", "VOL")
    for word in (*words, "acct/", "stand-in", "messages", "2026-01-01T", "counsel asks", MANIFEST):
        assert word.encode() not in entries
    found = matter_of(hall.archive, name)
    assert (found.name, found.kind, found.scope.query) == (
        "Wilkowska v. City", "litigation", "culvert",
    )  # fmt: skip
    assert found.scope == replace(scope, language=LANGUAGE)
    assert found.closed is not None
    assert found.unread == ()
    assert verify(hall.archive, Quiet(), deep=True).findings == []


@pytest.mark.parametrize("who", ["anna", "purger"])
def test_not_everybody_decides_on_matters(hall: Hall, who: str) -> None:
    """Approvers and purgers open none, and tag nothing."""
    with pytest.raises(RefusedError, match="would not count"):
        sealed(hall, matter_acts.open_matter(hall.archive, "x", "audit", CULVERT), who)
    name = opened(hall)
    with pytest.raises(RefusedError, match="would not count"):
        sealed(hall, matter_acts.tag(hall.archive, name, [comment(1)], Tagged("exempt")), who)


def test_tags_replace_one_another_and_are_taken_back(hall: Hall) -> None:
    """Responsive or not is one question; the other tags stand beside, each until taken back."""
    name = opened(hall)
    assert tagged(hall, name, "responsive", comment(1), comment(2)).tagged("responsive") == {
        comment(1), comment(2),
    }  # fmt: skip
    tagged(hall, name, "privileged", comment(1))
    size = read_state(hall.archive).size
    found = tagged(hall, name, "non-responsive", comment(1))
    assert [one.tag for one in found.tags[comment(1)]] == ["privileged", "non-responsive"]
    assert found.tagged("responsive") == {comment(2)}
    found = tagged(hall, name, "privileged", comment(1), back=True)
    assert [one.tag for one in found.tags[comment(1)]] == ["non-responsive"]
    before = matter_of(hall.archive, name, size)
    assert [one.tag for one in before.tags[comment(1)]] == ["responsive", "privileged"]
    assert before.tags[comment(1)][0].by == (hall.of("clerk").handle,)


def test_notes_are_added_to_one_another(hall: Hall) -> None:
    """A note needs no tag, and none takes another's place."""
    name = opened(hall)
    for text in ("see the photo", "asked the clerk"):
        one = matter_acts.tag(hall.archive, name, [comment(1)], Tagged(note=text))
        sealed(hall, one, "holder")
    found = matter_of(hall.archive, name)
    assert [one.text for one in found.notes[comment(1)]] == ["see the photo", "asked the clerk"]
    assert found.tags == {}


def test_what_makes_no_sense_is_refused(hall: Hall) -> None:
    """Kinds, streams, queries, days, accounts, records and tags that there are not."""
    wrong = (
        ("case", "foi", CULVERT), (" ", "foia", CULVERT),
        ("case", "foia", replace(CULVERT, streams=("letters",))),
        ("case", "foia", replace(CULVERT, accounts=("nobody",))),
        ("case", "foia", replace(CULVERT, query='"culvert')),
        ("case", "foia", replace(CULVERT, since="yesterday")),
    )  # fmt: skip
    for case, kind, scope in wrong:
        with pytest.raises(UsageError):
            matter_acts.open_matter(hall.archive, case, kind, scope)
    name = opened(hall)
    tags = (Tagged("hot"), Tagged(), Tagged(back=True, note="x"))
    for records, what in ((["x:y:posts:1"], Tagged("exempt")), ([], Tagged("exempt")),
                          *(([comment(1)], one) for one in tags)):  # fmt: skip
        with pytest.raises(UsageError):
            matter_acts.tag(hall.archive, name, records, what)
    with pytest.raises(UsageError, match="no such matter"):
        matter_of(hall.archive, "a" * 26)
    with pytest.raises(UsageError, match="no such matter"):
        matter_of(hall.archive, name, 3)
    with pytest.raises(UsageError, match="needs no approval"):
        matter_acts.approve(hall.archive, name, [comment(1)], "", hall.of("clerk").handle)


def test_whoever_signs_for_records_signs_for_their_leaves(hall: Hall) -> None:
    """A tag or an approval of other leaves than its document names is not sealed."""
    name = opened(hall)
    size = read_state(hall.archive).size
    words = {"matter": name, "records": [message(1)]}
    leaves = matter_acts.leaves_before(hall.archive, [message(2)], size)
    for act, more in (("tag", {}), ("export-approve", {"requester": hall.of("clerk").handle})):
        one = draft(hall.archive, act, {"matter": name, **more}, words, (leaves, size))
        with pytest.raises(RefusedError, match="not those of the records"):
            sealed(hall, one, "clerk", "anna")


def test_private_records_go_out_as_somebody_else_approved_them(hall: Hall) -> None:
    """Exactly that set, of that matter: not one more, not one less, not in another case."""
    name, other = opened(hall), opened(hall, name="Request 31")
    approved(hall, name, message(1), message(2))
    for case, records in ((name, [message(1)]), (other, [message(1), message(2)]),
                          (name, [message(1), message(2), message(3)])):  # fmt: skip
        with pytest.raises(RefusedError, match="nobody has approved"):
            volume(hall, case, comment(1), *records)
    assert volume(hall, name, comment(1), message(1), message(2)) == 1
    assert volume(hall, other, comment(1), comment(3)) == 1, "public records need no approval"


@pytest.mark.parametrize("by", ["clerk", "holder", "counsel"])
def test_nobody_approves_what_they_ask_for(hall: Hall, by: str) -> None:
    """The approver is another person, and has that role."""
    name = opened(hall)
    with pytest.raises(RefusedError, match="would not count"):
        approved(hall, name, message(1), by=by)
    assert matter_of(hall.archive, name).approvals == ()


def test_an_approver_does_not_approve_an_own_request(hall: Hall) -> None:
    """Whoever has both roles asks for it, or approves it."""
    act = people.change(hall.archive, "holder", "approver")
    people.seal_act(hall.archive, people.sign(act, hall.keys(*GOVERN)))
    hall.later(4)
    name = opened(hall)
    requester = hall.of("holder").handle
    one = matter_acts.approve(hall.archive, name, [message(1)], "", requester)
    with pytest.raises(RefusedError, match="did not request it"):
        sealed(hall, one, "holder")
    sealed(hall, one, "holder", "anna")
    assert matter_of(hall.archive, name).approvals[0].requester == requester


def forged(hall: Hall, act: str, matter: str, *records: str, **more: str) -> None:
    """Seal a volume that the flow would refuse, with a document like that of a true one."""
    size = read_state(hall.archive).size
    leaves = matter_acts.leaves_before(hall.archive, records, size)
    told = {"name": "V", "profile": "", "manifest": MANIFEST, "bates": {}}
    one = draft(hall.archive, act, {"matter": matter, **more}, told, (leaves, size))
    sealed(hall, one, "clerk")


def test_the_sequencer_lets_nothing_private_out_unapproved(hall: Hall) -> None:
    """Also where other software hands it in; volumes are numbered one by one, of their matter."""
    name = opened(hall)
    with pytest.raises(RefusedError, match="what somebody approved"):
        forged(hall, "export", name, message(1), volume="1")
    with pytest.raises(RefusedError, match="not the next"):
        forged(hall, "export", name, comment(1), volume="2")
    with pytest.raises(RefusedError, match="no volume of the number"):
        forged(hall, "claw-back", name, comment(1), volume="1", of="1")
    assert volume(hall, name, comment(1)) == 1
    forged(hall, "claw-back", name, message(1), volume="2", of="1")
    with pytest.raises(RefusedError, match="no volume of the number"):
        forged(hall, "export-replacing", name, comment(1), volume="3", of="2")
    with pytest.raises(RefusedError, match="no such matter"):
        forged(hall, "export", "a" * 26, comment(1), volume="1")
    assert verify(hall.archive, Quiet(), deep=False).findings == []


def test_what_stands_in_the_log_all_the_same_is_named(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The holder of the signing key can seal anything: verification says that it counts not."""
    name = opened(hall)
    for module in (custody, submit):
        monkeypatch.setattr(module, "declined", lambda *_: "")
    forged(hall, "export", name, message(1), volume="1")
    (one,) = verify(hall.archive, Quiet(), deep=False).findings
    assert one.code == "act-without-authority"
    assert "approved" in one.found
    assert matter_of(hall.archive, name).volumes == ()


def test_a_closed_matter_is_over(hall: Hall) -> None:
    """Nothing is tagged, reserved, approved or exported; what went out may be asked back."""
    name = opened(hall)
    volume(hall, name, comment(1))
    late = [
        matter_acts.tag(hall.archive, name, [comment(1)], Tagged("exempt")),
        matter_acts.close_matter(hall.archive, name, "again"),
    ]
    sealed(hall, matter_acts.close_matter(hall.archive, name, "settled"), "counsel")
    for one in late:  # signed before, sealed after
        with pytest.raises(RefusedError, match="closed"):
            sealed(hall, one, "clerk")
    for attempt in (
        lambda: matter_acts.tag(hall.archive, name, [comment(1)], Tagged("exempt")),
        lambda: reserve(hall.archive, name, CASE, 5, hall.keys("clerk")),
        lambda: volume(hall, name, comment(1)),
    ):
        with pytest.raises(RefusedError, match="the matter is closed"):
            attempt()
    assert volume(hall, name, comment(1), act="claw-back", of=1) == 2
    assert verify(hall.archive, Quiet(), deep=False).findings == []


def test_numbers_go_on_from_matter_to_matter(hall: Hall) -> None:
    """One prefix is one row of numbers: nothing twice, nothing left out, one width."""
    one, other = opened(hall), opened(hall, name="Request 31")
    keys = hall.keys("clerk")
    assert reserve(hall.archive, one, CASE, 100, keys, first=51)[2:4] == (51, 150)
    assert reserve(hall.archive, other, CASE, 20, keys)[2:4] == (151, 170)
    assert reserve(hall.archive, one, CASE, 5, keys, first=171)[2:4] == (171, 175)
    assert reserve(hall.archive, one, Scheme("OTHER", 4), 5, keys)[2:4] == (1, 5)
    for scheme, count, first in (
        (CASE, 5, 500), (CASE, 5, 51), (Scheme("CITY", 8), 5, 0), (CASE, 10**6, 0), (CASE, 0, 0),
    ):  # fmt: skip
        with pytest.raises(UsageError):
            reserve(hall.archive, one, scheme, count, keys, first)
    with pytest.raises(RefusedError, match="would not count"):
        reserve(hall.archive, one, CASE, 5, hall.keys("anna"))
    assert [(x.matter, x.first, x.last) for x in numbers_of(hall.archive)] == [
        (one, 51, 150), (other, 151, 170), (one, 171, 175), (one, 1, 5),
    ]  # fmt: skip


def test_volumes_use_the_numbers_of_their_matter(hall: Hall) -> None:
    """In order, each once; what takes the place of a volume has its numbers."""
    name, other = opened(hall), opened(hall, name="Request 31")
    for case in (name, other):
        reserve(hall.archive, case, CASE, 50, hall.keys("clerk"))
    assert volume(hall, name, comment(1), bates=("CITY", 1, 20)) == 1
    for case, first, last in ((name, 20, 30), (name, 45, 55), (other, 21, 30), (name, 30, 21)):
        with pytest.raises(RefusedError, match="not reserved"):
            volume(hall, case, comment(2), bates=("CITY", first, last))
    replacing = {"act": "export-replacing", "of": 1, "bates": ("CITY", 5, 6)}
    assert volume(hall, name, comment(1), **replacing) == 2
    assert volume(hall, name, comment(2), bates=("CITY", 21, 30)) == 3
    found = matter_of(hall.archive, name)
    assert [(one.first, one.last) for one in found.unused("CITY")] == [(31, 50)]
    assert [(one.number, one.act, one.of) for one, _ in found.volumes] == [
        (1, "export", None), (2, "export-replacing", 1), (3, "export", None),
    ]  # fmt: skip
    assert found.next_volume == 4
    for act in VOLUMES:
        with pytest.raises(UsageError, match="no such volume"):
            volume(hall, name, comment(1), act=act, of=1 if act == "export" else None)


def test_two_who_reserve_at_once_get_different_numbers(hall: Hall) -> None:
    """What was signed for the same numbers is declined, once the first is in the log."""
    name = opened(hall)
    first = reserve(hall.archive, name, CASE, 50, hall.keys("clerk"))
    told = {"series": first.series, "first": "51", "last": "60"}
    document = {"act": "bates", "matter": name, **told, "prefix": "CITY", "width": 6}
    twins = [
        draft(hall.archive, "bates", {"matter": name, **told}, document).signed(hall.keys(who))
        for who in ("clerk", "counsel")
    ]
    seal_drafts(hall.archive, twins[:1])
    with pytest.raises(RefusedError, match="after the last number"):
        seal_drafts(hall.archive, twins[1:])
    assert [(one.first, one.last) for one in numbers_of(hall.archive)] == [(1, 50), (51, 60)]
    assert verify(hall.archive, Quiet(), deep=False).findings == []


def test_two_homes_that_begin_a_prefix_at_once(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is first in the log has it; the other is told, and what it took is void."""
    name = opened(hall)
    one = reserve(hall.archive, name, CASE, 50, hall.keys("clerk"))
    seen = iter([[], numbers_of(hall.archive), numbers_of(hall.archive)])
    monkeypatch.setattr("archiver.flows.numbering.numbers_of", lambda _: next(seen))
    with pytest.raises(RefusedError, match="at the same moment"):
        reserve(hall.archive, name, CASE, 50, hall.keys("counsel"))
    assert numbers_of(hall.archive) == [one]
    assert len(matter_of(hall.archive, name).unread) == 1


def test_a_home_without_keys_reads_no_matter(hall: Hall) -> None:
    """It is listed by its handle and numbers, and nothing is done in it."""
    name = opened(hall)
    reserve(hall.archive, name, CASE, 50, hall.keys("clerk"))
    blind = open_archive(hall.store, hall.folder / "elsewhere")
    (one,) = listed(blind)
    assert one["matter"] == name
    assert (one["readable"], one["name"], one["open"], one["numbers"]) == (False, "", True, 50)
    for attempt in (lambda: matter_of(blind, name), lambda: numbers_of(blind)):
        with pytest.raises(RefusedError, match="can't be read in this home"):
            attempt()


def test_a_tag_is_on_the_record_and_says_up_to_where(hall: Hall) -> None:
    """What is captured later is of the tagged record; the tagging's own leaves are those before."""
    name = opened(hall)
    tagged(hall, name, "responsive", comment(1))
    uuid, one = observations(SeededRandomness("later"), 1).observations[0]
    seal_settled(hall.archive, read_state(hall.archive), "acct", Settled([(uuid, one)]))
    case = custody.matters_of(hall.archive, read_state(hall.archive)).matters[name]
    size = read_state(hall.archive).size
    every = matter_acts.leaves_before(hall.archive, [comment(1)], size)
    assert ranges.count(every) == 2
    assert ranges.count(case.taggings[0].leaves) == 1
    assert matter_of(hall.archive, name).tagged("responsive") == {comment(1)}
    assert matter_acts.review(hall.archive, name).outdated == (comment(1),)
    tagged(hall, name, "exempt", comment(1))
    assert matter_acts.review(hall.archive, name).outdated == (), "somebody has looked again"


def test_duplicates_with_other_tags_want_a_second_look(hall: Hall) -> None:
    """The same words of the same author at the same moment, one tagged and one not."""
    name = opened(hall)
    for number in (7, 8):
        uuid, one = observations(SeededRandomness(f"twin {number}"), number).observations[0]
        twin = replace(one, row={"text": "the same words", "author_id": "3"})
        seal_settled(hall.archive, read_state(hall.archive), "acct", Settled([(uuid, twin)]))
    tagged(hall, name, "responsive", comment(7))
    assert matter_acts.review(hall.archive, name).duplicates == ((comment(7), comment(8)),)
    both = matter_acts.related(hall.archive, name, [comment(7)], Related(duplicates=True))
    assert both == (comment(7), comment(8))
    tagged(hall, name, "responsive", *both)
    assert matter_acts.review(hall.archive, name).duplicates == ()
    same = matter_acts.related(hall.archive, name, [comment(7)], Related())
    assert same == (comment(7),)


def test_what_is_asked_for_can_be_approved_as_a_whole(hall: Hall) -> None:
    """Private records that the query finds or somebody tagged so, but for those kept back."""
    name = opened(hall, replace(CULVERT, query='"messages 1" OR "messages 2"'))
    tagged(hall, name, "responsive", message(3))
    tagged(hall, name, "privileged", message(1))
    asked = matter_acts.private_asked_for(hall.archive, name)
    assert asked == (message(2), message(3))
    approved(hall, name, *asked)
    assert volume(hall, name, comment(1), *asked) == 1

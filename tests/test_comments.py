"""Comments: said by whoever sees a record, read by whoever sees it now, told to those whom they call and who follow."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from claims import Claims, claims_app
from formloom.platform.db import metadata
from formloom.platform.errors import Invalid, KeyReused, NotFound, Refused
from formloom.platform.jobs.worker import drain
from formloom.platform.records.comments import comment, mentioned, parts, said_about
from formloom.platform.workflow.commenting import LONGEST, REWORDED_WITHIN
from formloom.platform.workflow.outbox import now, outbox
from formloom.platform.workflow.soundness import check
from formloom.platform.workflow.talk import Talk

SECRET = "Ludwig van Beethoven"


@pytest.fixture
def claims(workspace):
    return Claims(workspace, claims_app())


def talk(claims, name: str, at=None) -> Talk:
    return Talk(claims.workspace, claims.actor(name), claims.key, at)


def says(claims, name: str, claim, text: str, **rest) -> int:
    return talk(claims, name).comment("claim", claim.id, text, **rest)


def read(claims, name: str, claim) -> list:
    with claims.gate(name) as gate:
        return said_about(gate, gate.record("claim", claim.id))


def told(claims, name: str) -> list[str]:
    drain(claims.workspace)
    return claims.told(name)


def test_who_sees_a_record_comments_on_it_and_reads_what_others_say(claims):
    claim = claims.handed_in()
    says(claims, "cem", claim, "  What was it for?\r\nAnd when? ")
    says(claims, "ann", claim, "张三 <b>&amp;</b>")
    assert [(one.by_id, one.text) for one in read(claims, "ann", claim)] == [
        (claims.ids["cem"], "What was it for?\nAnd when?"), (claims.ids["ann"], "张三 <b>&amp;</b>"),
    ]  # fmt: skip
    assert claims.history(claim)[0].kind == "performed"  # the chain tells of what changed, not of what was said
    assert check(claims.workspace) == []


@pytest.mark.parametrize("name", ["ben", "eva"])
def test_who_does_not_see_it_neither_reads_nor_writes(claims, name):
    """Another clerk; finance below its amount."""
    claim = claims.handed_in(amount=7)
    number = says(claims, "ann", claim, "Hello")
    with pytest.raises(NotFound):
        says(claims, name, claim, "Hello")
    for act in (lambda t: t.reword("claim", claim.id, number, "x"), lambda t: t.take_back("claim", claim.id, number)):
        with pytest.raises(NotFound):
            act(talk(claims, name))
    with pytest.raises(NotFound):
        read(claims, name, claim)


def test_who_loses_sight_of_a_record_reads_nothing_more_and_is_told_nothing_more(claims):
    claim = claims.handed_in(amount=150)
    says(claims, "eva", claim, "I pay this")
    claims.do("cem").perform("claim", claim.id, "send_back")
    claims.do("ann").edit("claim", claim.id, {"amount": 7}, {"amount": 150})
    says(claims, "ann", claim, "It was less, @Eva")
    with pytest.raises(NotFound):
        read(claims, "eva", claim)
    assert [words for words in told(claims, "eva") if "less" in words] == []


@pytest.mark.parametrize("text", ["", "  \n", "a\0b", "a\ud800", 7, None, "x" * (LONGEST + 1)])
def test_what_cannot_be_kept_is_refused_in_words(claims, text):
    claim = claims.handed_in()
    with pytest.raises(Invalid) as caught:
        says(claims, "ann", claim, text)
    assert [problem.path for problem in caught.value.problems] == ["text"]
    assert read(claims, "ann", claim) == []


def test_a_long_one_is_kept_whole_and_told_in_short(claims):
    claim = claims.handed_in()
    says(claims, "cem", claim, "长 " * (LONGEST // 2))
    assert len(read(claims, "ann", claim)[0].text) == LONGEST - 1
    assert len(told(claims, "ann")[-1]) < 200


def test_the_same_request_again_says_it_once(claims):
    claim = claims.handed_in()
    first = says(claims, "ann", claim, "Once", key="k")
    assert says(claims, "ann", claim, "Once", key="k") == first
    with pytest.raises(KeyReused):
        says(claims, "ann", claim, "Twice", key="k")
    assert len(read(claims, "ann", claim)) == 1


def test_those_called_who_see_it_are_told_once_and_others_are_not(claims):
    claim = claims.handed_in(amount=7)
    says(claims, "cem", claim, "@Ann and @dora: look. @Eva cannot. mail@Fay.example, @Fayette, @Nobody")
    assert told(claims, "ann")[-1] == "Cem mentions you on Taxi: “@Ann and @dora: look. @Eva cannot. mail@Fay.example, @Fayette, @Nobody”"
    assert {name: len(told(claims, name)) for name in ("ann", "dora", "eva", "fay", "cem")} == {
        "ann": 1, "dora": 1, "eva": 0, "fay": 0, "cem": 0,
    }  # fmt: skip
    (one,) = read(claims, "ann", claim)
    assert [words for called, words in one.parts if called] == ["@Ann", "@dora"]
    drain(claims.workspace)
    assert len(told(claims, "ann")) == 1


def test_names_are_found_as_people_write_them():
    people = {1: "Ann", 2: "Ann Lee", 3: "张三", 4: "Ann"}
    assert mentioned("@Ann Lee, @张三请看", people) == [(2, "Ann Lee"), (3, "张三")]
    assert mentioned("(@ann)", people) == [(1, "ann"), (4, "ann")]
    assert mentioned("@Ann!", people, chosen=[4]) == [(4, "Ann")]
    assert mentioned("ann@Ann.example @Anna", people) == []
    assert list(parts("a @Ann Lee b", ["Ann", "Ann Lee"])) == [(False, "a "), (True, "@Ann Lee"), (False, " b")]


def test_whom_one_may_call_are_those_who_see_it(claims):
    claim = claims.handed_in(amount=7)
    with claims.gate("ann") as gate:
        found = talk(claims, "ann").callable_people("claim", claim.id, "", gate)
        assert [actor.name for actor in found] == ["Cem", "Dora", "Fay", "Gil"]
        assert [actor.name for actor in talk(claims, "ann").callable_people("claim", claim.id, "O", gate)] == ["Dora"]
        assert talk(claims, "ann").callable_people("claim", claim.id, "%", gate) == []


def test_ones_own_is_reworded_for_ten_minutes(claims):
    claim, moment = claims.handed_in(), now()
    number = talk(claims, "cem", moment).comment("claim", claim.id, "Wich?")
    talk(claims, "cem", moment + REWORDED_WITHIN).reword("claim", claim.id, number, "Which, @Dora?")
    (one,) = read(claims, "ann", claim)
    assert (one.text, one.edited_at is not None) == ("Which, @Dora?", True)
    assert [len(told(claims, name)) for name in ("ann", "dora")] == [1, 1]
    with pytest.raises(Refused):
        talk(claims, "cem", moment + REWORDED_WITHIN + timedelta(seconds=1)).reword("claim", claim.id, number, "Late")
    with pytest.raises(NotFound):
        talk(claims, "ann").reword("claim", claim.id, number, "Not mine")


def test_ones_own_is_deleted_and_leaves_a_trace_without_words(claims):
    claim = claims.handed_in()
    number = says(claims, "cem", claim, SECRET + " @Ann")
    told(claims, "ann")
    unsent = says(claims, "cem", claim, "Never told, @Ann")
    with pytest.raises(NotFound):
        talk(claims, "ann").take_back("claim", claim.id, number)
    for one in (number, unsent):
        talk(claims, "cem").take_back("claim", claim.id, one)
    assert [(one.text, one.deleted_at is not None) for one in read(claims, "ann", claim)] == [(None, True)] * 2
    assert told(claims, "ann") == ["…"]
    with pytest.raises(NotFound):
        talk(claims, "cem").take_back("claim", claim.id, number)


def test_a_form_may_be_without_comments_and_what_was_said_stays_to_be_read(claims):
    claim = claims.handed_in()
    number = says(claims, "cem", claim, "Before")
    document = claims_app()
    document["forms"][0]["comments"] = False
    claims.publishes(document)
    with pytest.raises(Refused):
        says(claims, "cem", claim, "After")
    assert [one.text for one in read(claims, "ann", claim)] == ["Before"]
    talk(claims, "cem").take_back("claim", claim.id, number)


def test_erasing_comments_leaves_no_word_of_them_anywhere(claims):
    claim, other = claims.handed_in(), claims.handed_in()
    for one in (claim, other):
        says(claims, "cem", one, f"{SECRET}, @Ann", key=f"k{one.id}")
    drain(claims.workspace)
    says(claims, "cem", claim, f"{SECRET} again")
    claims.do("gil").erase("claim", claim.id, ["#comments"])
    drain(claims.workspace)
    with claims.workspace.reading() as connection:
        held = {t.name: str(connection.execute(sa.select(t)).all()) for t in metadata.sorted_tables if "record_id" in t.c}
        kept = connection.execute(sa.select(comment.c.record_id).where(comment.c.text.is_not(None))).scalars().all()
        waiting = connection.execute(sa.select(outbox.c.payload)).scalars().all()
    assert kept == [other.id] and SECRET not in str(waiting)
    assert (held["notice"].count(SECRET), held["comment"].count(SECRET)) == (2, 1)  # the other one, in two languages
    assert [one.text for one in read(claims, "ann", claim)] == [None, None]
    assert claims.history(claim)[0].kind == "erased"
    assert check(claims.workspace) == []

"""The transition function, and what a lesson does with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.live.lifecycle import AlreadyEnded, LiveState, NotNow, NotStarted, Verb, transition

S, V = LiveState, Verb


@pytest.mark.parametrize(
    ("state", "verb", "follows"),
    [
        (S.SCHEDULED, V.START, S.ON_AIR),
        (S.ON_AIR, V.PAUSE, S.PAUSED),
        (S.PAUSED, V.RESUME, S.ON_AIR),
        (S.ON_AIR, V.LEAVE, S.AWAY),
        (S.AWAY, V.RETURN, S.ON_AIR),
        (S.ON_AIR, V.LOSE_ENCODER, S.INTERRUPTED),
        (S.INTERRUPTED, V.FIND_ENCODER, S.ON_AIR),
        (S.INTERRUPTED, V.PAUSE, S.PAUSED),
        (S.PAUSED, V.LEAVE, S.AWAY),
        *((state, V.END, S.ENDED) for state in (S.ON_AIR, S.PAUSED, S.AWAY, S.INTERRUPTED)),
    ],
)
def test_what_follows(state: LiveState, verb: Verb, follows: LiveState) -> None:
    assert transition(state, verb, encoder=True) is follows


@pytest.mark.parametrize(("state", "verb"), [(S.SCHEDULED, V.START), (S.PAUSED, V.RESUME), (S.AWAY, V.RETURN)])
def test_without_an_encoder_learners_see_buffering(state: LiveState, verb: Verb) -> None:
    assert transition(state, verb, encoder=False) is S.INTERRUPTED


@pytest.mark.parametrize("state", [S.SCHEDULED, S.PAUSED, S.AWAY, S.ENDED])
def test_an_encoder_that_comes_or_goes_changes_only_what_learners_see_of_it(state: LiveState) -> None:
    assert transition(state, V.LOSE_ENCODER, encoder=False) is state
    assert transition(state, V.FIND_ENCODER, encoder=True) is state


def test_refusals_say_what_is_wrong() -> None:
    with pytest.raises(AlreadyEnded):
        transition(S.ENDED, V.START, encoder=True)
    with pytest.raises(NotStarted):
        transition(S.SCHEDULED, V.PAUSE, encoder=True)
    with pytest.raises(NotNow):
        transition(S.ON_AIR, V.RESUME, encoder=True)


@given(st.lists(st.tuples(st.sampled_from(Verb), st.booleans()), max_size=30))
def test_no_row_of_verbs_leads_out_of_the_end_or_back_before_the_start(steps: list[tuple[Verb, bool]]) -> None:
    state, seen = S.SCHEDULED, [S.SCHEDULED]
    for verb, encoder in steps:
        try:
            state = transition(state, verb, encoder=encoder)
        except NotNow:
            continue
        seen.append(state)
    if S.ENDED in seen:
        assert set(seen[seen.index(S.ENDED) :]) == {S.ENDED}
    started = [one for one in seen if one is not S.SCHEDULED]
    assert seen == [S.SCHEDULED] * (len(seen) - len(started)) + started

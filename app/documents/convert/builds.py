"""Builds of a slide: the shapes that its animations hide before each click ([ECMA-376] part 1, 19.5: p:timing).

Only the presence of a shape counts: however it comes or goes, it appears or disappears with its click. Effects on a
shape that stays (emphasis, motion paths), and effects that wait for a click on a shape, are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.documents.convert.markup import Element, P

STARTS = ("clickEffect", "withEffect", "afterEffect")
COMES = {"entr": True, "exit": False}


@dataclass(frozen=True)
class Target:
    """A shape, one of its paragraphs, or its ground alone (fill and outline)."""

    shape: str
    """The shape's id on the slide."""
    paragraph: int | None = None
    ground: bool = False


@dataclass(frozen=True)
class Builds:
    """Hidden targets in each step, the first before any click, and whether effects were left out."""

    hidden: tuple[frozenset[Target], ...] = (frozenset(),)
    incomplete: bool = False


def builds_of(slide: Element, most: int) -> Builds:
    """Return the builds of a slide. A slide with more than `most` steps is shown complete."""
    timing = slide.find(f"{P}timing")
    if timing is None:
        return Builds()
    sequences = {one.get("nodeType"): one for one in timing.iter(f"{P}cTn")}
    incomplete = "interactiveSeq" in sequences
    shapes = {one.get("id") for one in slide.iter(f"{P}cNvPr")}
    clicks: list[list[tuple[Target, bool]]] = [[]]
    main = sequences.get("mainSeq")
    for effect in _effects(main) if main is not None else ():
        if effect.get("nodeType") == "clickEffect":
            clicks.append([])
        there = COMES.get(effect.get("presetClass", ""))
        targets = list(_targets(effect))
        if there is None or None in targets or effect.find(f"{P}subTnLst") is not None:
            incomplete = True
        if there is not None:
            clicks[-1] += [(target, there) for target in targets if target and target.shape in shapes]
    hidden = _hidden(clicks)
    return Builds(hidden, incomplete) if len(hidden) <= most else Builds(incomplete=True)


def _effects(main: Element) -> Iterator[Element]:
    return (one for one in main.iter(f"{P}cTn") if one.get("nodeType") in STARTS)


def _targets(effect: Element) -> Iterator[Target | None]:
    """Yield the targets of an effect. `None` is a part of a shape that we cannot hide alone."""
    seen: set[Target | None] = set()
    for one in effect.iter(f"{P}spTgt"):
        for target in _within(one):
            if target not in seen:
                seen.add(target)
                yield target


def _within(target: Element) -> Iterator[Target | None]:
    shape = target.get("spid", "")
    if len(target) == 0:
        yield Target(shape)
    elif target.find(f"{P}bg") is not None:
        yield Target(shape, ground=True)
    elif (lines := target.find(f"{P}txEl/{P}pRg")) is not None:
        first, last = _number(lines.get("st")), _number(lines.get("end"))
        for index in range(first, min(last, first + 500) + 1):
            yield Target(shape, paragraph=index)
    else:
        yield None  # characters, a bar of a chart, a part of a diagram


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() and len(text) < 6 else 0


def _hidden(clicks: list[list[tuple[Target, bool]]]) -> tuple[frozenset[Target], ...]:
    """Return the hidden targets of each step. Clicks that change none of our targets are no steps."""
    first: dict[Target, bool] = {}
    for click in clicks:
        for target, there in click:
            first.setdefault(target, there)
    state = {target for target, there in first.items() if there}
    steps: list[frozenset[Target]] = []
    for click in clicks:
        for target, there in click:
            (state.discard if there else state.add)(target)
        if not steps or steps[-1] != state:
            steps.append(frozenset(state))
    return tuple(steps)

"""Judging rows: who is new, who is known, what is wrong."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from app.people.imports.cells import KEYS, Column, Fault, Row
from app.people.imports.judging import Judgement, Known, Place, Places, World, judge

PLACES = Places(
    [
        Place(1, "/1/", "科学院", ""),
        Place(2, "/1/2/", "物质研究所", "IOM"),
        Place(3, "/1/2/3/", "低温实验室", ""),
        Place(4, "/1/2/4/", "光学实验室", ""),
        Place(5, "/1/2/4/5/", "低温实验室", ""),
        Place(6, "/1/6/", "天文研究所", "NAO"),
        Place(7, "/1/6/7/", "望远镜组", ""),
    ],
    "/1/2/",
)


def person(number: int, *, refusal: Fault | None = None, unit: int = 3, **values: str) -> Known:
    known = {Column.REAL_NAME: "旧名", **{Column(key): value for key, value in values.items()}}
    return Known(number, known, unit, refusal)


def world(*people: Known) -> World:
    by_key = {key: {one.values[key]: one for one in people if key in one.values} for key in KEYS}
    return World(2, PLACES, by_key)


def row(number: int, **cells: str) -> Row:
    return Row(number, {Column(key): text for key, text in cells.items()})


def faults(judgement: Judgement) -> list[tuple[int, Column, Fault, int | None]]:
    return [(one.row, one.column, one.fault, one.twin) for one in judgement.findings]


def test_a_new_person_lands_where_the_row_says() -> None:
    units = ["", "IOM", "iom", "光学实验室", "物质研究所 / 光学实验室", "物质研究所/光学实验室", "科学院 > 物质研究所"]
    rows = [
        row(2 + at, real_name="李", username=f"u{at}x", **({"unit": text} if text else {}))
        for at, text in enumerate(units)
    ]
    assert [one.unit_id for one in judge(rows, world()).new] == [2, 2, 2, 4, 4, 4, 2]


def test_units_that_do_not_say_where() -> None:
    rows = [row(at, real_name="李", username=f"u{at}x", unit=text)
            for at, text in enumerate(("没有", "低温实验室", "望远镜组", "NAO", "光学实验室/低温实验室"))]  # fmt: skip
    assert [fault for _, _, fault, _ in faults(judge(rows, world()))] == [
        Fault.UNIT_UNKNOWN,
        Fault.UNIT_AMBIGUOUS,
        Fault.UNIT_OUTSIDE,
        Fault.UNIT_OUTSIDE,
    ]


def test_a_user_name_is_made_up_and_never_one_that_is_taken() -> None:
    rows = [
        row(2, real_name="甲", email="li@a.example"),
        row(3, real_name="乙", email="li@b.example", staff_number="N7"),
        row(4, real_name="丙", email="wang@a.example", staff_number="N8"),
        row(5, real_name="丁", username="wang"),
        row(6, real_name="戊", email="known@a.example"),
        row(7, real_name="己", email="it's@a.example"),
    ]
    judgement = judge(rows, world(person(9, username="known")))
    assert [(one.row, one.username) for one in judgement.new] == [(2, "li"), (3, "n7"), (4, "n8"), (5, "wang")]
    assert [(at, fault) for at, _, fault, _ in faults(judgement)] == [(6, Fault.NO_USERNAME), (7, Fault.NO_USERNAME)]


def test_what_two_rows_have_is_named_with_the_other_row() -> None:
    rows = [
        row(2, real_name="甲", username="a1", email="a@a.example", staff_number="1"),
        row(3, real_name="乙", username="A1", email="b@a.example", staff_number="2"),
        row(4, real_name="丙", username="c1", email="A@A.example", staff_number="1"),
    ]
    assert faults(judge(rows, world())) == [
        (3, Column.USERNAME, Fault.TWIN, 2),
        (4, Column.STAFF_NUMBER, Fault.TWIN, 2),
        (4, Column.EMAIL, Fault.TWIN, 2),
    ]


def test_the_same_person_twice_by_different_keys() -> None:
    known = person(9, username="old", staff_number="1", email="o@a.example")
    rows = [row(2, staff_number="1", real_name="新"), row(3, username="old"), row(4, email="o@a.example")]
    judgement = judge(rows, world(known))
    assert faults(judgement) == [(3, Column.USERNAME, Fault.TWIN, 2), (4, Column.EMAIL, Fault.TWIN, 2)]
    assert [one.user_id for one in judgement.changes] == [9]


def test_empty_cells_change_nothing_of_known_people() -> None:
    known = person(9, username="old", staff_number="1", email="o@a.example")
    judgement = judge([row(2, staff_number="1", email="New@a.example", unit="光学实验室")], world(known))
    (change,) = judgement.changes
    assert change.values[Column.REAL_NAME] == "旧名"
    assert change.values[Column.EMAIL] == "new@a.example"
    assert change.differs == {
        Column.EMAIL: ("o@a.example", "new@a.example"),
        Column.UNIT: ("物质研究所 / 低温实验室", "物质研究所 / 光学实验室"),
    }
    assert judge([row(2, username="OLD")], world(known)).same == 1


def test_what_somebody_else_has_is_not_given_away() -> None:
    first = person(8, username="first", staff_number="1", email="f@a.example")
    second = person(9, username="second", email="s@a.example")
    cases = {
        (("staff_number", "1"), ("username", "second")): (Column.USERNAME, Fault.TAKEN),
        (("staff_number", "1"), ("email", "s@a.example")): (Column.EMAIL, Fault.TAKEN),
        (("username", "second"), ("email", "f@a.example")): (Column.EMAIL, Fault.TWO_PEOPLE),
        (("staff_number", "77"), ("username", "first")): (Column.USERNAME, Fault.TAKEN),
        (("staff_number", "77"), ("email", "f@a.example")): (Column.EMAIL, Fault.TAKEN),
    }
    for cells, (column, fault) in cases.items():
        judgement = judge([row(2, real_name="新", **dict(cells))], world(first, second))
        assert faults(judgement) == [(2, column, fault, None)]
    judgement = judge([row(2, staff_number="77", username="second")], world(first, second))
    assert judgement.changes[0].differs == {Column.STAFF_NUMBER: ("", "77")}


def test_people_who_may_not_be_changed_are_named() -> None:
    for refusal in (Fault.OUT_OF_REACH, Fault.HOLDS_MORE, Fault.CLOSED):
        judgement = judge([row(2, username="old")], world(person(9, username="old", refusal=refusal)))
        assert faults(judgement) == [(2, Column.USERNAME, refusal, None)]


def test_everything_that_is_wrong_with_a_row_is_said() -> None:
    bad = Row(2, {Column.USERNAME: "a b", Column.EMAIL: "x", Column.UNIT: "没有"})
    assert [fault for _, _, fault, _ in faults(judge([bad], world()))] == [
        Fault.MISSING_NAME,
        Fault.BAD_USERNAME,
        Fault.BAD_EMAIL,
        Fault.UNIT_UNKNOWN,
    ]


def test_a_digest_tells_what_would_be_done() -> None:
    one = judge([row(2, real_name="李", username="li")], world())
    assert one.digest == judge([row(2, real_name="李", username="li")], world()).digest
    assert one.digest != judge([row(2, real_name="李", username="li")], world(person(9, username="li"))).digest
    assert one.digest != judge([row(2, real_name="李", username="li", unit="光学实验室")], world()).digest


texts = st.sampled_from(["", "a1", "A1", "b2", "n7", "a1@a.example", "B2@a.example", "李", "a b", "低温实验室", "IOM"])
rows_of_anything = st.lists(st.fixed_dictionaries({str(column): texts for column in Column}), max_size=8)


@settings(max_examples=300, deadline=None)
@given(rows_of_anything)
def test_whatever_is_written_takes_nothing_from_anybody(lines: list[dict[str, str]]) -> None:
    rows = [row(at, **{key: text for key, text in cells.items() if text}) for at, cells in enumerate(lines, 2)]
    known = [person(8, username="a1", email="b2@a.example"), person(9, username="c3", staff_number="n7")]
    judgement = judge(rows, world(*known))
    after = {one.id: dict(one.values) for one in known}
    after |= {change.user_id: change.values for change in judgement.changes}
    everybody = list(after.values())
    everybody += [
        {Column.USERNAME: new.username, Column.EMAIL: new.email or "", Column.STAFF_NUMBER: new.staff_number or ""}
        for new in judgement.new
    ]
    for key in KEYS:
        values = [one[key] for one in everybody if one.get(key)]
        assert len(values) == len(set(values)), f"two people have the same {key}"
    counted = len(judgement.new) + len(judgement.changes) + judgement.same + judgement.faulty
    assert counted == len(rows)

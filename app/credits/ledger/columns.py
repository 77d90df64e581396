"""Columns of a list of learning hours that were earned elsewhere. Pure."""

from __future__ import annotations

from enum import StrEnum

from app.people.imports.cells import HEADERS, LONGEST, Headings
from app.people.imports.cells import Column as Person


class Column(StrEnum):
    """Meaning of a column of the file."""

    REAL_NAME = "real_name"
    STAFF_NUMBER = "staff_number"
    USERNAME = "username"
    EMAIL = "email"
    TITLE = "title"
    HOURS = "hours"
    CATEGORY = "category"
    DAY = "day"
    REASON = "reason"


OF_THE_PERSON = (Column.REAL_NAME, Column.STAFF_NUMBER, Column.USERNAME, Column.EMAIL)

HOURS_LIST = Headings(
    names={
        **{one: HEADERS[Person(one)] for one in OF_THE_PERSON},
        Column.TITLE: (
            "学习内容",
            "培训名称",
            "课程名称",
            "课程",
            "培训班",
            "title",
            "whatwaslearned",
            "subject",
            "course",
        ),
        Column.HOURS: ("学时", "学时数", "hours", "learninghours", "credits"),
        Column.CATEGORY: ("类别", "学时类别", "科目类别", "科目", "category"),
        Column.DAY: ("日期", "学习日期", "完成日期", "结束日期", "day", "date"),
        Column.REASON: ("原因", "说明", "备注", "依据", "reason", "note"),
    },
    longest={
        **{one: LONGEST[Person(one)] for one in OF_THE_PERSON},
        Column.TITLE: 200,
        Column.HOURS: 20,
        Column.CATEGORY: 40,
        Column.DAY: 40,
        Column.REASON: 300,
    },
    keys=(Column.STAFF_NUMBER, Column.USERNAME, Column.EMAIL),
)

"""帮助中心: chapters in both languages, found by questions, and reached from every page."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.kernel import web
from app.support.help import finding
from app.support.help.chapters import KEYS, shelf
from app.support.help.topics import TOPICS
from tests.conftest import SignIn
from tests.journeys import help_pictures

ZH, EN = web.LANGUAGES


def test_both_languages_have_the_same_chapters_sections_and_pictures() -> None:
    def shape(language: str) -> dict[str, list[tuple[str, list[str]]]]:
        return {
            key: [(one.anchor, [shown.name for shown in one.pictures]) for one in chapter.sections]
            for key, chapter in shelf(language).items()
        }

    assert shape(ZH) == shape(EN)
    assert set(shelf(ZH)) == {key for keys in KEYS.values() for key in keys}


def test_every_picture_of_a_chapter_is_taken_by_the_script() -> None:
    shown = {one.name for chapter in shelf(ZH).values() for section in chapter.sections for one in section.pictures}
    assert shown == help_pictures.BEFORE.keys() | help_pictures.AFTER.keys()


def test_topics_lead_from_pages_that_exist_to_sections_that_exist(app: Flask) -> None:
    endpoints = set(app.view_functions)
    places = endpoints | {one.partition(".")[0] for one in endpoints} | {"gallery"}
    assert set(TOPICS) <= places
    anchors = {f"{key}#{one.anchor}" for key, chapter in shelf(ZH).items() for one in chapter.sections}
    assert set(TOPICS.values()) <= anchors | set(shelf(ZH))


def test_links_between_chapters_lead_somewhere() -> None:
    for language in web.LANGUAGES:
        texts = " ".join(section.text for chapter in shelf(language).values() for section in chapter.sections)
        assert set(re.findall(r"\]\(/help/([a-z-]+)", texts)) <= set(shelf(language))


@pytest.mark.parametrize(
    ("question", "language", "anchor"),
    [
        ("怎么录制", ZH, "start"),
        ("为什么没有学时", ZH, "no-hours"),
        ("口令重复", ZH, "tokens"),
        ("Mac", ZH, "mac"),
        ("忘记密码", ZH, "password"),
        ("手机弹出提醒", ZH, "reminders"),
        ("收不到提醒", ZH, "reminders"),
        ("每周邮件", ZH, "weekly"),
        ("IMAP inbox", EN, "tickets"),
        ("no sound", EN, "no-sound"),
        ("How do I share my desktop?", EN, "desktop"),
        ("token taken", EN, "tokens"),
    ],
)
def test_a_question_finds_its_section_among_the_first(question: str, language: str, anchor: str) -> None:
    assert anchor in [hit.section.anchor for hit in finding.find(question, language)[:3]]


def test_a_question_about_nothing_of_ours_finds_nothing() -> None:
    assert finding.find("量子纠缠态的退相干", ZH) == []


def test_help_is_open_to_visitors_in_both_languages(client: FlaskClient) -> None:
    page = client.get("/help", headers={"Accept-Language": "zh-CN"})
    assert "常见问题" in page.text
    page = client.get("/help/teaching", headers={"Accept-Language": "en"})
    assert "<h1>Teach: the studio</h1>" in page.text
    assert 'id="desktop"' in page.text
    assert client.get("/help/nothing").status_code == 404


def test_a_search_shows_sections_and_words_that_are_not_there_are_met_kindly(client: FlaskClient) -> None:
    page = client.get("/help?q=desktop", headers={"Accept-Language": "en"})
    assert "/help/teaching#desktop" in page.text
    page = client.get("/help?q=xyzzy", headers={"Accept-Language": "en"})
    assert "No chapter has these words" in page.text


def test_each_page_leads_to_its_own_section(sign_in: SignIn, learner: User) -> None:
    assert 'href="/help/hours#archive"' in sign_in(learner).get("/archive").text
    assert 'href="/help/watching#find"' in sign_in(learner).get("/live").text


def test_kinds_of_readers_see_their_chapters_first(sign_in: SignIn, admin: User, learner: User, teacher: User) -> None:
    def first(user: User) -> str:
        page = sign_in(user).get("/help", headers={"Accept-Language": "en"}).text
        found = re.search(r'help__groups">\s*<section class="panel">\s*<h2>([^<]+)', page)
        assert found
        return found[1]

    assert [first(one) for one in (learner, teacher, admin)] == ["For learners", "For teachers", "For managers"]

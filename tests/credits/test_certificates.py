"""学时证明: what it says, who may see it, and that a wrong one is found out."""

from __future__ import annotations

import io
from decimal import Decimal

import pypdfium2 as pdfium
import pytest
import zxingcpp
from flask import Flask
from sqlalchemy import text

from app.accounts.models import User
from app.credits.ledger import chain, closing, queries, services
from app.credits.reports import certificates
from app.credits.reports.errors import NothingToCertify, UnknownCode
from app.credits.reports.models import Certificate
from app.extensions import db
from app.kernel import clock
from tests.conftest import SignIn
from tests.factories import credits


@pytest.fixture
def certificate(app: Flask, teacher: User, learner: User) -> Certificate:
    """What Zhang San has this year, open to whoever has the code."""
    lesson = credits.taught(teacher, "超导 = <b>#x</b>", minutes=90)
    credits.watched(lesson, learner, (0, 2700))
    closing.close(lesson.id)
    return certificates.make(learner, chain.year_of(clock.now_ms()), is_open=True)


def words_of(pdf: bytes) -> str:
    document = pdfium.PdfDocument(io.BytesIO(pdf))
    return "".join(page.get_textpage().get_text_range() for page in document)


def test_a_certificate_says_what_stands_in_the_ledger(app: Flask, learner: User, certificate: Certificate) -> None:
    with app.test_request_context():
        said = words_of(certificates.as_pdf(certificate))
    for word in ("学时证明", "张三", "超导 = <b>#x</b>", "0:45:00", "1.00", certificates.shown(certificate.code)):
        assert word in said
    assert certificate.head_hash in said.replace("\r\n", "").replace("\n", "")


def test_a_lesson_is_one_line_with_its_replay_and_its_corrections(
    app: Flask, admin: User, teacher: User, learner: User
) -> None:
    lesson = credits.taught(teacher, "超导", minutes=90)
    credits.watched(lesson, learner, (0, 2700))
    closing.close(lesson.id)
    credits.watched(lesson, learner, replayed=((2700, 2702),))  # too little to bring anything
    closing.close(lesson.id, quiet_ms=0)
    credits.entry(learner, admin)
    wrong = credits.entry(learner, admin)
    services.correct(queries.entries_of(learner.id)[-1], to=Decimal(2), reason="更正", by=admin)
    services.correct(wrong, to=Decimal(0), reason="撤销", by=admin)
    said = certificates.make(learner, chain.year_of(clock.now_ms()), is_open=True).said
    assert [(one["title"], one["watched"], one["hours"]) for one in said["lines"]] == [
        ("报告", "–", "1.00"), ("超导", "0:45:02", "2.00"),
    ]  # fmt: skip
    assert said["total"] == "3"


def test_its_qr_code_leads_to_the_page_that_checks_it(app: Flask, sign_in: SignIn, certificate: Certificate) -> None:
    with app.test_request_context(base_url="https://live.iom.example"):
        document = pdfium.PdfDocument(io.BytesIO(certificates.as_pdf(certificate)))
    (code,) = zxingcpp.read_barcodes(document[0].render(scale=3).to_pil())
    assert code.text == f"https://live.iom.example/verify/{certificate.code}"


def test_its_owner_prints_it_and_nobody_else(
    sign_in: SignIn, learner: User, teacher: User, certificate: Certificate
) -> None:
    address = f"/archive/certificates/{certificate.code}.pdf"
    reply = sign_in(learner).get(address)
    assert reply.mimetype == "application/pdf"
    assert reply.data.startswith(b"%PDF")
    assert sign_in(teacher).get(address).status_code == 404


def test_anybody_checks_it_by_its_code(app: Flask, sign_in: SignIn, learner: User, certificate: Certificate) -> None:
    visitor = sign_in(None)
    typed = certificates.shown(certificate.code).lower()
    reply = visitor.get("/verify", query_string={"code": typed})
    assert reply.location.endswith(f"/verify/{certificate.code}")
    page = visitor.get(reply.location).text
    assert "此证明真实有效" in page
    assert "张三" in page
    assert "超导" in page
    assert visitor.get(f"/verify/{certificate.code}/certificate.pdf").mimetype == "application/pdf"


def test_without_consent_a_checker_sees_the_sum_and_no_name(
    sign_in: SignIn, learner: User, certificate: Certificate
) -> None:
    closed = certificates.make(learner, certificate.year, is_open=False)
    visitor = sign_in(None)
    page = visitor.get(f"/verify/{closed.code}").text
    assert "此证明真实有效" in page
    assert "张*" in page
    assert "张三" not in page
    assert "超导" not in page
    assert visitor.get(f"/verify/{closed.code}/certificate.pdf").status_code == 404


def test_whoever_leaves_keeps_her_certificate(
    sign_in: SignIn, admin: User, learner: User, certificate: Certificate
) -> None:
    db.session.execute(text("UPDATE user_account SET closed_ms = 1 WHERE id = :id"), {"id": learner.id})
    db.session.commit()
    assert "此证明真实有效" in sign_in(None).get(f"/verify/{certificate.code}").text
    assert sign_in(None).get(f"/verify/{certificate.code}/certificate.pdf").status_code == 200


def test_an_altered_certificate_is_not_called_genuine(sign_in: SignIn, certificate: Certificate) -> None:
    db.session.execute(text("UPDATE credits_certificate SET body = replace(body, '1.00', '9.00')"))
    db.session.commit()
    page = sign_in(None).get(f"/verify/{certificate.code}").text
    assert "此证明真实有效" not in page
    assert "已被改动" in page


def test_a_later_correction_is_said(sign_in: SignIn, admin: User, learner: User, certificate: Certificate) -> None:
    entry = queries.entries_of(learner.id)[0]
    services.correct(entry, to=Decimal("0.5"), reason="更正", by=admin)
    assert "目前台账中该年度为 0.5 学时" in sign_in(None).get(f"/verify/{certificate.code}").text


@pytest.mark.parametrize("code", ["0000000000000000", "x", "%00", "a" * 300])
def test_a_code_that_nobody_gave_is_told_so(sign_in: SignIn, code: str) -> None:
    reply = sign_in(None).get(f"/verify/{code}")
    assert reply.status_code == 404
    assert code == "%00" or 'href="#code"' in reply.text, "the form comes back and leads to its field"


def test_codes_are_read_as_people_write_them(app: Flask) -> None:
    assert certificates.tidy("o1li-ABCD 2345-6789") == "0111ABCD23456789"
    with pytest.raises(UnknownCode):
        certificates.by_code("0111ABCD23456789")


def test_nothing_is_certified_where_there_is_nothing(app: Flask, learner: User) -> None:
    with pytest.raises(NothingToCertify):
        certificates.make(learner, 2020, is_open=True)

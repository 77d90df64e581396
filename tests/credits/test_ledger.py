"""The ledger: who gets which entry when a lesson is over, and that nobody changes it unnoticed."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.accounts.models import User
from app.audit.models import AuditEntry
from app.classroom.rollcall.models import Called, Confirmation, Outcome, RollCall
from app.credits.counting import queries as counting
from app.credits.ledger import chain, closing, jobs, keeping, proofs, queries, services, verifying
from app.credits.ledger.errors import NoReason, NothingChanges, NotYourOwn, ProofRefused
from app.credits.ledger.models import Entry, Kind
from app.credits.rules import services as rule_services
from app.credits.rules.rule import ReplayCounts, Rounding
from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import unit_of_work
from app.live.models import LiveSession
from app.live.planning import services as planning
from app.live.planning.plans import plan_of
from tests import audit_triggers
from tests.factories import accounts, credits, live, units

MINUTE_MS = 60_000
DAY_MS = 86_400_000


def close(lesson: LiveSession) -> int:
    closing.open_for(lesson.id)
    return closing.close(lesson.id)


def hours(user: User, lesson: LiveSession | None = None) -> list[str]:
    """Return what each entry of a person adds, in order."""
    found = [one for one in reversed(queries.entries_of(user.id)) if lesson is None or one.live_id == lesson.id]
    return [f"{one.hours:.2f}" for one in sorted(found, key=lambda one: one.id)]


def first_fault(head: tuple[int, str] | None = None) -> str:
    """Return what verifying says first. Empty means that all is well."""
    db.session.expire_all()
    return str(next(verifying.verify(verifying.Report(), head=head), ""))


def later(lesson: LiveSession, days: float) -> None:
    """Let a lesson be over for so long, and its reports be as old."""
    back = int(days * DAY_MS)
    with unit_of_work():
        lesson.ended_at_ms = (lesson.ended_at_ms or 0) - back
        found = queries.closing_of(lesson.id)
        if found is not None:
            found.through_ms -= back
        db.session.execute(text("UPDATE credits_watched SET seen_ms = seen_ms - :back"), {"back": back})


def quiet(lesson: LiveSession) -> None:
    """Let nobody have watched for an hour."""
    with unit_of_work():
        db.session.execute(text("UPDATE credits_watched SET seen_ms = seen_ms - 3600000"))
        found = queries.closing_of(lesson.id)
        assert found is not None
        found.through_ms -= 2 * 3_600_000


class TestClosing:
    def test_whoever_watched_gets_one_entry(self, teacher: User, learner: User) -> None:
        other = accounts.user(real_name="王五")
        lesson = credits.taught(teacher, "超导", minutes=90)
        credits.watched(lesson, learner, (0, 1800), (2700, 3600))
        credits.watched(lesson, other, (0, 90 * 60))
        credits.watched(lesson, teacher, (0, 90 * 60))
        assert close(lesson) == 2
        (entry,) = queries.entries_of(learner.id)
        assert (entry.kind, entry.hours, entry.watched_ms, entry.programme_ms) == (
            Kind.EARNED, Decimal(1), 45 * MINUTE_MS, 90 * MINUTE_MS,
        )  # fmt: skip
        assert entry.share == 50
        assert (entry.name, entry.title) == ("张三", "超导")
        assert hours(other) == ["2.00"]
        assert hours(teacher) == []
        assert queries.totals_of([learner.id], chain.year_of(entry.earned_ms)) == {learner.id: {"": Decimal(1)}}
        assert first_fault() == ""

    def test_closing_twice_brings_nothing_twice(self, teacher: User, learner: User) -> None:
        lesson = credits.taught(teacher)
        credits.watched(lesson, learner, (0, 3600))
        assert [close(lesson), close(lesson)] == [1, 0]

    def test_a_closing_that_was_killed_goes_on(self, teacher: User, monkeypatch: pytest.MonkeyPatch) -> None:
        people = [accounts.user() for _ in range(5)]
        lesson = credits.taught(teacher)
        for one in people:
            credits.watched(lesson, one, (0, 3600))
        monkeypatch.setattr(closing, "AT_ONCE", 2)
        append, calls = chain.append, []

        def killed(drafts: list[chain.Draft]) -> list[int]:
            calls.append(len(drafts))
            if len(calls) == 2:
                raise KeyboardInterrupt
            return append(drafts)

        monkeypatch.setattr(chain, "append", killed)
        with pytest.raises(KeyboardInterrupt):
            close(lesson)
        assert db.session.query(Entry).count() == 2
        assert close(lesson) == 3
        assert [hours(one) for one in people] == [["1.33"]] * 5
        assert first_fault() == ""

    def test_a_lesson_is_closed_by_itself_when_its_media_are(
        self, app: Flask, teacher: User, learner: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[str] = []
        monkeypatch.setattr(jobs.close, "later", asked.append)
        lesson = live.on_air(teacher)
        credits.watched(lesson, learner, (0, 3600))
        live.services.end(lesson, by=teacher)
        jobs.close_due()
        assert asked == []
        credits.over(lesson, ago_s=app.config["CREDITS_CLOSE_AFTER_S"] + 1)
        jobs.close_due()
        jobs.close_due()  # asked for once
        assert asked == [lesson.id]
        jobs.close.now(lesson.id)
        assert len(hours(learner)) == 1
        assert list(closing.due(clock.now_ms())) == []

    def test_an_end_that_nobody_heard_is_found(self, teacher: User) -> None:
        lesson = credits.taught(teacher)
        db.session.execute(text("DELETE FROM credits_closing"))
        db.session.commit()
        closing.open_forgotten()
        assert list(closing.due(clock.now_ms())) == [lesson.id]

    def test_the_rule_decides(self, admin: User, teacher: User, learner: User) -> None:
        credits.rule(units.academy(), admin, from_ms=clock.now_ms(), minutes_per_hour=30, rounding=Rounding.WHOLE_DOWN)
        lesson = live.on_air(teacher)
        live.services.end(lesson, by=teacher)
        with unit_of_work():
            lesson.stream.air = [[lesson.started_at_ms, (lesson.started_at_ms or 0) + 5_400_000]]
        credits.over(lesson)
        credits.watched(lesson, learner, (0, 89 * 60))
        close(lesson)
        assert hours(learner) == ["2.00"]
        assert first_fault() == ""

    def test_fixed_hours_and_category_are_of_the_lesson(self, admin: User, teacher: User, learner: User) -> None:
        lesson = live.on_air(teacher)
        rule_services.decide(lesson, category="professional", fixed=Decimal("3.5"), reason="", by=admin)
        live.services.end(lesson, by=teacher)
        with unit_of_work():
            lesson.stream.air = [[lesson.started_at_ms, (lesson.started_at_ms or 0) + 3_600_000]]
        credits.over(lesson)
        credits.watched(lesson, learner, (0, 3000))
        close(lesson)
        (entry,) = queries.entries_of(learner.id)
        assert (entry.hours, entry.category) == (Decimal("3.5"), "professional")
        assert first_fault() == ""

    def test_roll_calls_that_were_not_confirmed_cost_the_hours(self, admin: User, teacher: User, learner: User) -> None:
        absent = accounts.user()
        credits.rule(units.academy(), admin, from_ms=clock.now_ms() - 1, rollcalls_needed=50)
        lesson = _by_newest_rule(credits.taught(teacher))
        with unit_of_work():
            for number, outcome in enumerate((Outcome.TIME, Outcome.TIME, Outcome.CANCELLED)):
                roll = RollCall(live_id=lesson.id, length_s=60, began_ms=number, closed_ms=9, outcome=outcome)
                db.session.add(roll)
                db.session.flush()
                for who in (learner, absent):
                    common = {"roll_id": roll.id, "key": f"u{who.id}", "user_id": who.id, "name": "", "unit": ""}
                    db.session.add(Called(**common, staff_number="", at_ms=1))
                    if who is learner and number == 0:
                        db.session.add(Confirmation(**common, staff_number="", at_ms=1, address="", browser=""))
        for who in (learner, absent):
            credits.watched(lesson, who, (0, 3600))
        close(lesson)
        (entry,) = queries.entries_of(learner.id)
        assert (entry.rollcalls_confirmed, entry.rollcalls_reached) == (1, 2)
        assert (hours(learner), hours(absent)) == (["1.33"], ["0.00"])
        assert first_fault() == ""

    def test_a_day_brings_no_more_than_the_rule_allows(self, admin: User, teacher: User, learner: User) -> None:
        credits.rule(units.academy(), admin, from_ms=clock.now_ms() - 1, most_per_day=Decimal("2.5"))
        lessons = [_by_newest_rule(credits.taught(teacher, minutes=90)) for _ in range(2)]
        for lesson in lessons:
            credits.watched(lesson, learner, (0, 5400))
            close(lesson)
        assert hours(learner) == ["2.00", "0.50"]
        assert first_fault() == ""

    def test_a_copy_brings_only_what_the_first_did_not(self, admin: User, teacher: User, learner: User) -> None:
        first = credits.taught(teacher, "超导", minutes=90)
        credits.watched(first, learner, (0, 2700))
        close(first)
        second = planning.schedule(plan_of(first).shifted(0, "超导二"), owner=teacher, copied=first)
        live.services.start(second, by=teacher)
        live.services.end(second, by=teacher)
        with unit_of_work():
            second.stream.air = [[second.started_at_ms, (second.started_at_ms or 0) + 5_400_000]]
        credits.over(second)
        credits.watched(second, learner, (0, 5400))
        close(second)
        assert hours(learner) == ["1.00", "1.00"]
        assert first_fault() == ""

    def test_teachers_get_hours_where_the_rule_says_so(self, admin: User, teacher: User) -> None:
        credits.rule(units.academy(), admin, from_ms=clock.now_ms() - 1, teachers_too=True)
        lesson = _by_newest_rule(credits.taught(teacher, minutes=90))
        credits.watched(lesson, teacher, (0, 5400))
        close(lesson)
        assert hours(teacher) == ["2.00"]
        assert first_fault() == ""


class TestReplays:
    def test_the_rest_that_is_watched_again_brings_an_entry_more(self, teacher: User, learner: User) -> None:
        lesson = credits.taught(teacher, minutes=90)
        credits.watched(lesson, learner, (0, 2700))
        close(lesson)
        credits.watched(lesson, learner, replayed=((2700, 5400),))
        assert close(lesson) == 0  # she may still be watching
        quiet(lesson)
        assert list(closing.replayed(clock.now_ms())) == [lesson.id]
        assert close(lesson) == 1
        assert list(closing.replayed(clock.now_ms())) == []
        assert hours(learner) == ["1.00", "1.00"]
        assert [one.watched_ms for one in queries.entries_about(lesson.id)] == [45 * MINUTE_MS, 90 * MINUTE_MS]
        assert first_fault() == ""

    def test_a_replay_that_does_not_count_brings_nothing(self, admin: User, teacher: User, learner: User) -> None:
        credits.rule(units.academy(), admin, from_ms=clock.now_ms() - 1, replay=ReplayCounts.NO)
        lesson = _by_newest_rule(credits.taught(teacher))
        credits.watched(lesson, learner, (0, 2700), replayed=((2700, 5400),))
        close(lesson)
        assert hours(learner) == ["1.00"]

    def test_after_its_days_a_replay_counts_no_more(self, admin: User, teacher: User, learner: User) -> None:
        credits.rule(units.academy(), admin, from_ms=clock.now_ms() - 1, replay=ReplayCounts.FOR_DAYS, replay_days=2)
        lesson = _by_newest_rule(credits.taught(teacher))
        close(lesson)
        credits.watched(lesson, learner, replayed=((0, 2700),))
        later(lesson, 4)
        assert close(lesson) == 1
        found = queries.closing_of(lesson.id)
        assert found is not None
        assert found.final_ms is not None
        credits.watched(lesson, learner, replayed=((2700, 5400),))
        assert close(lesson) == 0
        assert list(closing.replayed(clock.now_ms())) == []


def _by_newest_rule(lesson: LiveSession) -> LiveSession:
    """Let a lesson have begun after the rules that were made just now."""
    with unit_of_work():
        shift = clock.now_ms() + 1 - (lesson.started_at_ms or 0)
        lesson.started_at_ms = clock.now_ms() + 1
        lesson.ended_at_ms = clock.now_ms() - 120_000
        db.session.execute(
            text("UPDATE credits_programme SET stretches = :pairs WHERE live_id = :live"),
            {"pairs": f"[[{lesson.started_at_ms}, {lesson.started_at_ms + 5_400_000}]]", "live": lesson.id},
        )
        assert shift
    return lesson


class TestByHand:
    @pytest.fixture
    def entry(self, teacher: User, learner: User) -> Entry:
        lesson = credits.taught(teacher, minutes=90)
        credits.watched(lesson, learner, (0, 2700))
        close(lesson)
        (entry,) = queries.entries_of(learner.id)
        return entry

    def test_a_correction_is_a_new_entry(self, admin: User, learner: User, entry: Entry) -> None:
        services.correct(entry, to=Decimal(2), reason="网络故障", by=admin)
        services.correct(entry, to=Decimal("0.5"), reason="误判", by=admin)
        assert hours(learner) == ["1.00", "1.00", "-1.50"]
        assert queries.hours_about(entry) == Decimal("0.5")
        year = chain.year_of(entry.earned_ms)
        assert queries.totals_of([learner.id], year) == {learner.id: {"": Decimal("0.5")}}
        corrected = queries.entries_of(learner.id)[0]
        assert (corrected.kind, corrected.reason, corrected.by_id) == (Kind.CORRECTION, "误判", admin.id)
        noted = [
            one.details["reason"]
            for one in db.session.query(AuditEntry).order_by(AuditEntry.id)
            if one.action == "credit.corrected"
        ]
        assert noted == ["网络故障", "误判"]
        assert first_fault() == ""

    def test_it_needs_a_reason_a_difference_and_somebody_else(self, admin: User, learner: User, entry: Entry) -> None:
        with pytest.raises(NoReason):
            services.correct(entry, to=Decimal(2), reason=" ", by=admin)
        with pytest.raises(NothingChanges):
            services.correct(entry, to=Decimal(1), reason="x", by=admin)
        with pytest.raises(NotYourOwn):
            services.correct(entry, to=Decimal(2), reason="x", by=learner)
        assert hours(learner) == ["1.00"]

    def test_hours_are_added_and_brought_with_a_proof(self, app: Flask, admin: User, learner: User) -> None:
        common = {"category": "general", "earned_ms": clock.now_ms(), "reason": "培训证书", "by": admin}
        services.add(learner, title="现场报告", hours=Decimal(2), **common)  # type: ignore[arg-type]
        proof = io.BytesIO(b"%PDF-1.7 a certificate")
        brought = services.bring(learner, title="省培训班", hours=Decimal(8), proof=proof, **common)  # type: ignore[arg-type]
        assert hours(learner) == ["2.00", "8.00"]
        assert first_fault() == ""
        file = proofs.file_of(brought.proof)
        assert file is not None
        file.write_bytes(b"%PDF-1.7 another certificate")
        assert first_fault() == "entry 2: its proof is missing, or is another file"
        with pytest.raises(ProofRefused):
            services.bring(learner, title="x", hours=Decimal(8), proof=io.BytesIO(b"MZ"), **common)  # type: ignore[arg-type]


@pytest.fixture
def ledger(app: Flask, admin: User, teacher: User) -> list[User]:
    """Three people with an entry for each of two lessons, and a correction."""
    credits.rule(units.academy(), admin, from_ms=clock.now_ms() - 1, minutes_per_hour=30)
    people = [accounts.user(real_name=f"学员{number}") for number in range(3)]
    for _ in range(2):
        lesson = _by_newest_rule(credits.taught(teacher, minutes=90))
        for number, one in enumerate(people):
            credits.watched(lesson, one, (0, 1800 + 600 * number))
        close(lesson)
    db.session.execute(text("UPDATE credits_watched SET seen_ms = seen_ms - 60000"))  # no report is on its way
    services.correct(queries.entries_of(people[0].id)[0], to=Decimal(2), reason="更正", by=admin)
    assert first_fault() == ""
    return people


def tamper(*statements: str) -> None:
    """Change the database behind the service's back, as whoever owns it can."""
    with audit_triggers.lifted():
        for statement in statements:
            db.session.execute(text(statement))
    db.session.commit()
    db.session.expire_all()


CHANGES = (
    "at_ms = at_ms + 1", "kind = 'addition'", "user_id = (SELECT min(id) FROM user_account)", "name = '学员9'",
    "staff_number = '1'", "unit_name = 'x'", "title = title || 'x'", "category = 'general'",
    "earned_ms = earned_ms + 1", "hours_hundredths = hours_hundredths + 1", "watched_ms = watched_ms - 1",
    "programme_ms = programme_ms + 1", "rollcalls_confirmed = 1", "rollcalls_reached = 1", "rule_id = NULL",
    "rule_digest = 'x'", "terms_digest = 'x'", "stretches_digest = 'x'", "refers_to = 1", "reason = 'x'",
    "by_id = user_id", "proof_digest = 'x'", "hash = 'x'", "live_id = NULL", "original_id = 'x'",
)  # fmt: skip
"""Each alters a column of an entry."""


class TestVerifying:
    @pytest.mark.parametrize("statement", ["UPDATE credits_entry SET reason = 'x'", "DELETE FROM credits_entry"])
    def test_the_database_refuses_to_change_entries(self, ledger: list[User], statement: str) -> None:
        with pytest.raises(DatabaseError, match="append-only"):
            db.session.execute(text(statement))
        db.session.rollback()

    def test_an_altered_entry_is_named(self, ledger: list[User]) -> None:
        for change in CHANGES:
            with audit_triggers.lifted():
                db.session.execute(text(f"UPDATE credits_entry SET {change} WHERE id = 4"))
            assert first_fault().startswith("entry 4:"), change
            db.session.rollback()
            assert first_fault() == "", change

    def test_a_broken_link_is_named(self, ledger: list[User]) -> None:
        tamper("UPDATE credits_entry SET previous = 'x' WHERE id = 4")
        assert first_fault().startswith("entry 4: does not follow")

    def test_a_removed_entry_is_named(self, ledger: list[User]) -> None:
        tamper("DELETE FROM credits_evidence WHERE entry_id = 3", "DELETE FROM credits_entry WHERE id = 3")
        assert first_fault() == "entry 3: is missing"

    def test_swapped_entries_are_named(self, ledger: list[User]) -> None:
        loose = [] if db.engine.dialect.name == "postgresql" else ["PRAGMA defer_foreign_keys = ON"]
        tamper(
            *loose,
            "UPDATE credits_entry SET id = 99 WHERE id = 2",
            "UPDATE credits_entry SET id = 2 WHERE id = 3",
            "UPDATE credits_entry SET id = 3 WHERE id = 99",
        )
        assert first_fault().startswith("entry 2:")

    @pytest.mark.parametrize("place", [0, 5, -3])
    def test_one_byte_of_a_kept_stretch_is_found(self, ledger: list[User], place: int) -> None:
        stretches = db.session.scalar(text("SELECT stretches FROM credits_evidence WHERE entry_id = 5")) or ""
        at = place % len(stretches)
        altered = f"{stretches[:at]}{'7' if stretches[at] != '7' else '8'}{stretches[at + 1 :]}"
        tamper(f"UPDATE credits_evidence SET stretches = '{altered}' WHERE entry_id = 5")
        assert first_fault() == "entry 5: its stretches were altered"

    @pytest.mark.parametrize("change", ["longer", "shorter", "none", "removed"])
    def test_an_altered_counted_stretch_is_found(self, ledger: list[User], change: str) -> None:
        entry = queries.entries_of(ledger[2].id)[0]
        start = db.session.scalar(text(f"SELECT stretches FROM credits_evidence WHERE entry_id = {entry.id}")) or ""
        first, last = (int(one) for one in start.strip("[]").split(","))
        row = f"WHERE user_id = {ledger[2].id} AND live_id = '{entry.live_id}'"
        said = {"longer": [[first, last + 1]], "shorter": [[first + 1, last]], "none": []}
        if change == "removed":
            tamper(f"DELETE FROM credits_watched {row}")
        else:
            tamper(f"UPDATE credits_watched SET on_air = '{said[change]}' {row}")
        assert first_fault() != ""

    def test_an_altered_rule_is_found_with_its_digest_or_without(self, ledger: list[User]) -> None:
        body = "replace(body, '30', '20')"
        tamper(f"UPDATE credits_rule SET body = {body} ")
        assert first_fault().startswith("rule ")
        version = db.session.query(rule_services.RuleVersion).one()
        tamper(f"UPDATE credits_rule SET digest = '{version.digested()}'")
        assert first_fault().startswith("entry 1: was computed by another text of rule")

    def test_an_altered_total_is_found(self, ledger: list[User]) -> None:
        tamper(f"UPDATE credits_total SET hours_hundredths = 9000 WHERE user_id = {ledger[1].id}")
        assert "is not the sum of the entries" in first_fault()

    def test_a_chain_that_was_rewritten_is_found_by_a_head_that_was_kept(
        self, app: Flask, ledger: list[User], tmp_path: Path
    ) -> None:
        run = app.test_cli_runner().invoke
        kept = tmp_path / "heads"
        assert run(args=["ledger", "head", "--to", str(kept)]).exit_code == 0
        assert run(args=["ledger", "verify", "--head", str(kept)]).output.startswith("fine: 7 entries")
        rows = [row for row, _stretches in verifying._rows()]
        changes, previous = [], chain.GENESIS
        for row in rows:  # whoever knows how it is made can make it anew, from an altered line on
            row["previous"] = previous
            row["title"] = "改写" if row["id"] == 7 else row["title"]
            previous = row["hash"] = chain.hash_of(row)
            changes.append(
                f"UPDATE credits_entry SET title = '{row['title']}', previous = '{row['previous']}', "
                f"hash = '{row['hash']}' WHERE id = {row['id']}"
            )
        tamper(*changes)
        assert run(args=["ledger", "verify"]).exit_code == 0
        found = run(args=["ledger", "verify", "--head", str(kept)])
        assert found.exit_code == 1
        assert "the chain was rewritten" in found.output

    def test_entries_cut_off_at_the_end_are_found_by_a_head(self, ledger: list[User]) -> None:
        head = chain.head()
        tamper("DELETE FROM credits_entry WHERE id = 7")
        assert first_fault(head) == "entry 7: is missing, and all that follow up to entry 7"

    def test_stretches_are_thinned_after_the_time_for_appeals_and_entries_stay(
        self, app: Flask, ledger: list[User], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tamper("DELETE FROM credits_evidence WHERE entry_id = 2")
        assert first_fault() == "entry 2: its stretches are missing, and the time for appeals is not over"
        now = clock.now_ms()
        monkeypatch.setattr(clock, "now_ms", lambda: now + 366 * DAY_MS)
        keeping.thin()
        assert db.session.scalar(text("SELECT count(*) FROM credits_evidence")) == 0
        report = verifying.Report()
        assert list(verifying.verify(report)) == []
        assert (report.entries, report.thinned) == (7, 6)

    def test_what_is_counted_is_thinned_when_nothing_counts_any_more(
        self, ledger: list[User], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second = sorted({one.live_id or "" for one in queries.entries_of(ledger[1].id)})
        with unit_of_work():
            db.session.execute(text("UPDATE credits_watched SET muted_ms = 5"))
            db.session.execute(text("UPDATE credits_closing SET final_ms = 1 WHERE live_id = :live"), {"live": first})
        now = clock.now_ms()
        keeping.thin()
        assert db.session.scalar(text("SELECT count(*) FROM credits_watched WHERE muted_ms = 5")) == 6
        monkeypatch.setattr(clock, "now_ms", lambda: now + 366 * DAY_MS)
        keeping.thin()
        assert db.session.scalar(text("SELECT count(*) FROM credits_watched WHERE muted_ms = 5")) == 0
        kept = {live_id for live_id in (first, second) if any(counting.watched(live_id).values())}
        assert kept == {second}, "its replay still counts"
        assert counting.watched_s(first, ledger[1].id) == 2400, "how long she watched is not forgotten"

    def test_heads_go_out_by_mail(self, app: Flask, ledger: list[User]) -> None:
        result = app.test_cli_runner().invoke(args=["ledger", "head", "--mail", "audit@iom.example"])
        assert result.exit_code == 0
        letter = db.session.execute(text("SELECT text FROM mail")).scalar_one()
        assert chain.head()[1] in letter

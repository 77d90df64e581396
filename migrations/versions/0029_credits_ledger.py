"""The ledger of learning hours: entries in a chain, what they were computed from, what they add up to

Revision ID: 0029
Revises: 0028
"""

from alembic import op
import sqlalchemy as sa


revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('credits_entry',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False, comment='from 1, without gaps'),
    sa.Column('at_ms', sa.BigInteger(), nullable=False, comment='when it was written'),
    sa.Column('kind', sa.Enum('earned', 'correction', 'addition', 'brought', name='kind', native_enum=False, length=16), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False, comment='real name, as it was'),
    sa.Column('staff_number', sa.String(length=40), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False, comment='to which she belonged then'),
    sa.Column('unit_name', sa.String(length=400), nullable=False),
    sa.Column('live_id', sa.String(length=16), nullable=True, comment='none: not of a lesson here'),
    sa.Column('original_id', sa.String(length=16), nullable=True, comment='the first of the lesson and its copies'),
    sa.Column('title', sa.String(length=200), nullable=False, comment="the lesson's subject, or what was learned elsewhere"),
    sa.Column('category', sa.String(length=40), nullable=False),
    sa.Column('earned_ms', sa.BigInteger(), nullable=False, comment='the day and the year to which the hours belong'),
    sa.Column('hours_hundredths', sa.Integer(), nullable=False, comment='what this entry adds; below zero where it takes'),
    sa.Column('watched_ms', sa.BigInteger(), nullable=False, comment='of the lesson, up to this entry'),
    sa.Column('programme_ms', sa.BigInteger(), nullable=False),
    sa.Column('rollcalls_confirmed', sa.Integer(), nullable=False),
    sa.Column('rollcalls_reached', sa.Integer(), nullable=False),
    sa.Column('rule_id', sa.Integer(), nullable=True, comment='none: the default rule'),
    sa.Column('rule_digest', sa.String(length=64), nullable=False),
    sa.Column('terms_id', sa.Integer(), nullable=True),
    sa.Column('terms_digest', sa.String(length=64), nullable=False),
    sa.Column('stretches_digest', sa.String(length=64), nullable=False),
    sa.Column('refers_to', sa.Integer(), nullable=True, comment='the entry that is corrected'),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True, comment='none: the service itself'),
    sa.Column('proof', sa.String(length=40), nullable=False, comment='name of the scanned proof; empty: none'),
    sa.Column('proof_digest', sa.String(length=64), nullable=False),
    sa.Column('previous', sa.String(length=64), nullable=False, comment='hash of the entry before'),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_credits_entry_by_id_user_account')),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_credits_entry_live_id_live_session')),
    sa.ForeignKeyConstraint(['rule_id'], ['credits_rule.id'], name=op.f('fk_credits_entry_rule_id_credits_rule')),
    sa.ForeignKeyConstraint(['terms_id'], ['credits_terms.id'], name=op.f('fk_credits_entry_terms_id_credits_terms')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_credits_entry_unit_id_unit')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_credits_entry_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credits_entry'))
    )
    op.create_index('ix_credits_entry_user_earned', 'credits_entry', ['user_id', 'earned_ms'])
    op.create_index('ix_credits_entry_live_user', 'credits_entry', ['live_id', 'user_id'])
    op.create_index('ix_credits_entry_original_user', 'credits_entry', ['original_id', 'user_id'])

    op.create_table('credits_evidence',
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('stretches', sa.Text(), nullable=False, comment='JSON: [[from_ms, to_ms], …]'),
    sa.ForeignKeyConstraint(['entry_id'], ['credits_entry.id'], name=op.f('fk_credits_evidence_entry_id_credits_entry')),
    sa.PrimaryKeyConstraint('entry_id', name=op.f('pk_credits_evidence'))
    )

    op.create_table('credits_closing',
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('opened_ms', sa.BigInteger(), nullable=False),
    sa.Column('asked_ms', sa.BigInteger(), nullable=False, comment='when the job was queued last'),
    sa.Column('closed_ms', sa.BigInteger(), nullable=True, comment='the lesson itself; none: not yet'),
    sa.Column('through_ms', sa.BigInteger(), nullable=False, comment='reports up to then stand in entries'),
    sa.Column('final_ms', sa.BigInteger(), nullable=True, comment='the replay as well: nothing counts any more'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_credits_closing_live_id_live_session')),
    sa.PrimaryKeyConstraint('live_id', name=op.f('pk_credits_closing'))
    )
    waiting = sa.text('closed_ms IS NULL')
    op.create_index('ix_credits_closing_waiting', 'credits_closing', ['opened_ms'], sqlite_where=waiting, postgresql_where=waiting)

    op.create_table('credits_total',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False, comment="in the academy's zone"),
    sa.Column('category', sa.String(length=40), nullable=False),
    sa.Column('hours_hundredths', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_credits_total_user_id_user_account')),
    sa.PrimaryKeyConstraint('user_id', 'year', 'category', name=op.f('pk_credits_total'))
    )
    op.create_index('ix_credits_total_year_user', 'credits_total', ['year', 'user_id'])

    let_managers_correct()
    keep_for_good('credits_entry')


def let_managers_correct():
    """Training managers could see the hours of their units before there was a way to correct them."""
    op.execute(
        "INSERT INTO role_permission (role_id, permission) "
        "SELECT role.id, 'credit.correct' FROM role "
        "JOIN role_permission ON role_permission.role_id = role.id AND role_permission.permission = 'credit.view_unit' "
        "WHERE role.built_in = 'training_manager'"
    )


def keep_for_good(table):
    """Let the database refuse every change and removal of a row."""
    sentence = f'{table} is append-only'
    if op.get_bind().dialect.name == 'sqlite':
        for verb in ('UPDATE', 'DELETE'):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_stays() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{sentence}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_stays()"
    )


def downgrade():
    connection = op.get_bind()
    if connection.scalar(sa.text("SELECT count(*) FROM credits_entry")):
        raise RuntimeError("the ledger is not thrown away: restore the backup of the data instead")
    for table in ("credits_total", "credits_closing", "credits_evidence", "credits_entry"):
        op.drop_table(table)
    if connection.dialect.name == "postgresql":
        op.execute("DROP FUNCTION credits_entry_stays()")
    op.execute("DELETE FROM role_permission WHERE permission = 'credit.correct'")

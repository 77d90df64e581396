"""Roll-calls, and notices

Revision ID: 0013
Revises: 0012

"""
from alembic import op
import sqlalchemy as sa


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('classroom_notice',
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False, comment='of its event in the timeline'),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('by_name', sa.String(length=80), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.Column('gone_ms', sa.BigInteger(), nullable=True, comment='withdrawn since then'),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_classroom_notice_by_id_user_account'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_classroom_notice_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('live_id', 'id', name=op.f('pk_classroom_notice'))
    )
    op.create_table('rollcall',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True, comment='who called, or planned it'),
    sa.Column('length_s', sa.Integer(), nullable=False, comment='so long one may confirm, s'),
    sa.Column('due_ms', sa.BigInteger(), nullable=True, comment='drawn moment of a planned one; pages never hear it'),
    sa.Column('began_ms', sa.BigInteger(), nullable=True),
    sa.Column('deadline_ms', sa.BigInteger(), nullable=True),
    sa.Column('closed_ms', sa.BigInteger(), nullable=True),
    sa.Column('outcome', sa.Enum('time', 'early', 'cut', 'cancelled', 'not_held', name='outcome', native_enum=False, length=16), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_rollcall_by_id_user_account')),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_rollcall_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rollcall'))
    )
    with op.batch_alter_table('rollcall', schema=None) as batch_op:
        batch_op.create_index('ix_rollcall_due', ['closed_ms', 'due_ms'], unique=False)
        batch_op.create_index(batch_op.f('ix_rollcall_live_id'), ['live_id'], unique=False)
        batch_op.create_index('uq_rollcall_running', ['live_id'], unique=True, sqlite_where=sa.text('began_ms IS NOT NULL AND closed_ms IS NULL'), postgresql_where=sa.text('began_ms IS NOT NULL AND closed_ms IS NULL'))

    op.create_table('rollcall_called',
    sa.Column('roll_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False, comment='of the person, see hub.Person'),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('unit', sa.String(length=200), nullable=False),
    sa.Column('staff_number', sa.String(length=40), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['roll_id'], ['rollcall.id'], name=op.f('fk_rollcall_called_roll_id_rollcall'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_rollcall_called_user_id_user_account')),
    sa.PrimaryKeyConstraint('roll_id', 'key', name=op.f('pk_rollcall_called'))
    )
    op.create_table('rollcall_confirmation',
    sa.Column('roll_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False, comment='of the person, see hub.Person'),
    sa.Column('user_id', sa.Integer(), nullable=True, comment='none: a guest'),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('unit', sa.String(length=200), nullable=False),
    sa.Column('staff_number', sa.String(length=40), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False, comment="when it arrived, by the server's clock"),
    sa.Column('address', sa.String(length=80), nullable=False, comment='network address that it came from'),
    sa.Column('browser', sa.String(length=200), nullable=False, comment='its User-Agent'),
    sa.ForeignKeyConstraint(['roll_id'], ['rollcall.id'], name=op.f('fk_rollcall_confirmation_roll_id_rollcall'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_rollcall_confirmation_user_id_user_account')),
    sa.PrimaryKeyConstraint('roll_id', 'key', name=op.f('pk_rollcall_confirmation'))
    )
    _keep_evidence()


def _keep_evidence():
    """Refuse to change what was called and confirmed, and a roll-call that is over."""
    if op.get_bind().dialect.name == "sqlite":
        for table in ("rollcall_called", "rollcall_confirmation"):
            op.execute(
                f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'roll-calls are evidence: nothing is changed'); END"
            )
        op.execute(
            "CREATE TRIGGER rollcall_stays BEFORE UPDATE ON rollcall WHEN OLD.closed_ms IS NOT NULL "
            "BEGIN SELECT RAISE(ABORT, 'roll-calls are evidence: nothing is changed'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION rollcall_stays() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'roll-calls are evidence: nothing is changed'; END $$"
    )
    for table in ("rollcall_called", "rollcall_confirmation"):
        op.execute(
            f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION rollcall_stays()"
        )
    op.execute(
        "CREATE TRIGGER rollcall_stays BEFORE UPDATE ON rollcall FOR EACH ROW "
        "WHEN (OLD.closed_ms IS NOT NULL) EXECUTE FUNCTION rollcall_stays()"
    )


def downgrade():
    op.drop_table('rollcall_confirmation')
    op.drop_table('rollcall_called')
    with op.batch_alter_table('rollcall', schema=None) as batch_op:
        batch_op.drop_index('uq_rollcall_running', sqlite_where=sa.text('began_ms IS NOT NULL AND closed_ms IS NULL'), postgresql_where=sa.text('began_ms IS NOT NULL AND closed_ms IS NULL'))
        batch_op.drop_index(batch_op.f('ix_rollcall_live_id'))
        batch_op.drop_index('ix_rollcall_due')

    op.drop_table('rollcall')
    op.drop_table('classroom_notice')
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION rollcall_stays()")

"""Who may watch, the people of a unit and all beneath; subjects are unique; sessions can be deleted

Revision ID: 0003
Revises: 0002

"""
import unicodedata

from alembic import op
import sqlalchemy as sa


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('live_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('audience_unit_id', sa.Integer(), nullable=True, comment='whose people may watch, with all beneath; the academy for everyone'))
        batch_op.add_column(sa.Column('subject_key', sa.String(length=500), nullable=True, comment='the subject as `subjects.key_of` compares it'))
        batch_op.add_column(sa.Column('deleted_ms', sa.BigInteger(), nullable=True, comment='deleted before it began'))
        batch_op.create_index(batch_op.f('ix_live_session_audience_unit_id'), ['audience_unit_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_live_session_audience_unit_id_unit'), 'unit', ['audience_unit_id'], ['id'])
    op.execute("UPDATE live_session SET audience_unit_id = (SELECT id FROM unit WHERE parent_id IS NULL)")
    connection = op.get_bind()
    taken = set()
    for live_id, subject in connection.execute(sa.text("SELECT id, subject FROM live_session ORDER BY created_ms, id")).all():
        free, number = subject, 1
        while key_of(free) in taken:
            number += 1
            free = f"{subject[:110]} ({number})"
        taken.add(key_of(free))
        connection.execute(
            sa.text("UPDATE live_session SET subject = :free, subject_key = :key WHERE id = :id"),
            {"free": free, "key": key_of(free), "id": live_id},
        )
    with op.batch_alter_table('live_session', schema=None) as batch_op:
        batch_op.alter_column('audience_unit_id', existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column('subject_key', existing_type=sa.String(length=500), nullable=False)
        batch_op.create_index('uq_live_session_subject', ['subject_key'], unique=True, sqlite_where=sa.text('deleted_ms IS NULL'), postgresql_where=sa.text('deleted_ms IS NULL'))


def key_of(subject):
    """Return the form in which the app compared subjects when this migration was written."""
    return " ".join(unicodedata.normalize("NFKC", subject).casefold().split())


def downgrade():
    with op.batch_alter_table('live_session', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_live_session_audience_unit_id_unit'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_live_session_audience_unit_id'))
        batch_op.drop_index('uq_live_session_subject')
        batch_op.drop_column('deleted_ms')
        batch_op.drop_column('subject_key')
        batch_op.drop_column('audience_unit_id')

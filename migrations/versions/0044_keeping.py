"""Recycle bin and retention of recordings

Revision ID: 0044
Revises: 0043

"""
from alembic import op
import sqlalchemy as sa


revision = '0044'
down_revision = '0043'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('live_session', sa.Column('recording_binned_ms', sa.BigInteger(), nullable=True, comment='since then its recording lies in the recycle bin'))
    op.add_column('live_session', sa.Column('recording_told_ms', sa.BigInteger(), nullable=True, comment="since then its people know that their unit's rule is going to delete the recording"))
    op.add_column('live_session', sa.Column('recording_kept', sa.Boolean(), server_default=sa.false(), nullable=False, comment='no rule of a unit deletes the recording'))
    op.create_index(op.f('ix_live_session_recording_binned_ms'), 'live_session', ['recording_binned_ms'])
    op.create_table('replay_keeping_rule',
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=True, comment="after the lesson's end; none: for ever"),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('changed_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_replay_keeping_rule_by_id_user_account'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_replay_keeping_rule_unit_id_unit'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('unit_id', name=op.f('pk_replay_keeping_rule'))
    )


def downgrade():
    op.drop_table('replay_keeping_rule')
    op.drop_index(op.f('ix_live_session_recording_binned_ms'), table_name='live_session')
    for column in ('recording_kept', 'recording_told_ms', 'recording_binned_ms'):
        op.drop_column('live_session', column)

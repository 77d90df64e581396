"""Captions of recordings

Revision ID: 0036
Revises: 0035

"""
from alembic import op
import sqlalchemy as sa


revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('replay_captions',
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('language', sa.String(length=16), nullable=False, comment='BCP 47, one of `queries.LANGUAGES`'),
    sa.Column('rows', sa.JSON(), nullable=False, comment='[from, to (ms of the recording), text] of each cue'),
    sa.Column('version', sa.Integer(), nullable=False, comment='rises with each change'),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('changed_ms', sa.BigInteger(), nullable=False),
    sa.Column('gone_ms', sa.BigInteger(), nullable=True, comment='deleted since then; can be brought back'),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_replay_captions_by_id_user_account'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_replay_captions_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('live_id', 'language', name=op.f('pk_replay_captions'))
    )


def downgrade():
    op.drop_table('replay_captions')

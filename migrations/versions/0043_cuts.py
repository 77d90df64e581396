"""Cuts of recordings

Revision ID: 0043
Revises: 0042

"""
from alembic import op
import sqlalchemy as sa


revision = '0043'
down_revision = '0042'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('replay_cut',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('from_ms', sa.BigInteger(), nullable=False, comment='on the capture clock'),
    sa.Column('to_ms', sa.BigInteger(), nullable=False, comment='on the capture clock; does not belong to it'),
    sa.Column('place_ms', sa.BigInteger(), nullable=False, comment='where it begins in the whole recording'),
    sa.Column('length_ms', sa.BigInteger(), nullable=False, comment='length of what is left out'),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('made_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_replay_cut_by_id_user_account'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_replay_cut_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replay_cut'))
    )
    op.create_index(op.f('ix_replay_cut_live_id'), 'replay_cut', ['live_id'])


def downgrade():
    op.drop_index(op.f('ix_replay_cut_live_id'), table_name='replay_cut')
    op.drop_table('replay_cut')

"""Replays without chat or names

Revision ID: 0048
Revises: 0047

"""
from alembic import op
import sqlalchemy as sa


revision = '0048'
down_revision = '0047'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('live_session', sa.Column('replay_chat', sa.Boolean(), server_default=sa.true(), nullable=False, comment='the replay shows chat, questions and polls'))
    op.add_column('live_session', sa.Column('replay_names', sa.Boolean(), server_default=sa.true(), nullable=False, comment='the replay shows the names of learners'))


def downgrade():
    op.drop_column('live_session', 'replay_names')
    op.drop_column('live_session', 'replay_chat')

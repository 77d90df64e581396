"""Lessons that people have kept, and reminders that they have asked for

Revision ID: 0049
Revises: 0048

"""
from alembic import op
import sqlalchemy as sa


revision = '0049'
down_revision = '0048'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('live_learner', sa.Column('kept_ms', sa.BigInteger(), nullable=True, comment='收藏: she wants to find it again'))
    op.add_column('live_learner', sa.Column('remind_ms', sa.BigInteger(), nullable=True, comment='提醒我: when she asked for a reminder'))


def downgrade():
    op.drop_column('live_learner', 'remind_ms')
    op.drop_column('live_learner', 'kept_ms')

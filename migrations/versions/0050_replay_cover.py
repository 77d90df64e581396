"""The cover of a replay, chosen from its recording

Revision ID: 0050
Revises: 0049

"""
from alembic import op
import sqlalchemy as sa


revision = '0050'
down_revision = '0049'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('live_session', sa.Column('replay_cover', sa.String(length=40), server_default='', nullable=False, comment='name of a picture from the recording, as `covers` keeps it'))
    op.add_column('live_session', sa.Column('replay_cover_ms', sa.BigInteger(), nullable=True, comment='where that picture stands in the whole recording; a cut there removes it'))


def downgrade():
    op.drop_column('live_session', 'replay_cover_ms')
    op.drop_column('live_session', 'replay_cover')

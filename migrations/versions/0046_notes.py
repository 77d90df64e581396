"""Speaker's notes in the search of replays

Revision ID: 0046
Revises: 0045

"""
from alembic import op
import sqlalchemy as sa


revision = '0046'
down_revision = '0045'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('live_session', sa.Column('replay_notes', sa.Boolean(), server_default=sa.false(), nullable=False, comment="the search in the replay finds the speaker's notes, for everybody"))


def downgrade():
    op.drop_column('live_session', 'replay_notes')

"""A draft holds no subject: the planner of another session would learn of the draft

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op


revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade():
    _make_index('deleted_ms IS NULL AND draft = false')


def downgrade():
    _make_index('deleted_ms IS NULL')


def _make_index(condition):
    held = sa.text(condition)
    op.drop_index('uq_live_session_subject', table_name='live_session')
    op.create_index(
        'uq_live_session_subject', 'live_session', ['subject_key'], unique=True, sqlite_where=held, postgresql_where=held
    )

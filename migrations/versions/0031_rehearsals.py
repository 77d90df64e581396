"""A rehearsal is a hidden session that belongs to another one

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op


revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade():
    if op.get_bind().dialect.name == 'sqlite':  # a batch would make the table anew, without its partial index
        op.execute('ALTER TABLE live_session ADD COLUMN rehearses_id VARCHAR(16) REFERENCES live_session (id)')
    else:
        op.add_column('live_session', sa.Column('rehearses_id', sa.String(length=16), nullable=True, comment='排练: the session that this one rehearses'))
        op.create_foreign_key(op.f('fk_live_session_rehearses_id_live_session'), 'live_session', 'live_session', ['rehearses_id'], ['id'])
    op.create_index('ix_live_session_rehearses_id', 'live_session', ['rehearses_id'])


def downgrade():
    op.drop_index('ix_live_session_rehearses_id', table_name='live_session')
    if op.get_bind().dialect.name != 'sqlite':
        op.drop_constraint(op.f('fk_live_session_rehearses_id_live_session'), 'live_session', type_='foreignkey')
    op.drop_column('live_session', 'rehearses_id')

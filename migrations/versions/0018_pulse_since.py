"""Since when each process has been heard without a gap

Revision ID: 0018
Revises: 0017

"""
from alembic import op
import sqlalchemy as sa


revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('pulse', schema=None) as batch_op:
        batch_op.add_column(sa.Column('since_ms', sa.BigInteger(), nullable=False, server_default='0', comment='since then it was heard without a gap'))
    op.execute('UPDATE pulse SET since_ms = at_ms')


def downgrade():
    with op.batch_alter_table('pulse', schema=None) as batch_op:
        batch_op.drop_column('since_ms')

"""When the present publisher asked, so that requests executed late do not win

Revision ID: 0019
Revises: 0018

"""
from alembic import op
import sqlalchemy as sa


revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('media_stream', schema=None) as batch_op:
        batch_op.add_column(sa.Column('asked_ms', sa.BigInteger(), nullable=False, server_default='0', comment='when the present publisher asked its worker'))


def downgrade():
    with op.batch_alter_table('media_stream', schema=None) as batch_op:
        batch_op.drop_column('asked_ms')

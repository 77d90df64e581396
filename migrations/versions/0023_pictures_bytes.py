"""How much the pictures of a document take

Old documents get the size of their file: about as much is what an upload asks the disk for.

Revision ID: 0023
Revises: 0022

"""
from alembic import op
import sqlalchemy as sa


revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.add_column(sa.Column('pictures_bytes', sa.BigInteger(), server_default='0', nullable=False, comment='of the pictures of its pages'))
    op.execute(sa.text("UPDATE document SET pictures_bytes = size_bytes WHERE ready_count > 0"))


def downgrade():
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.drop_column('pictures_bytes')

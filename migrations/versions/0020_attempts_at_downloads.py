"""How often making a download, and the work of an import, was begun

Revision ID: 0020
Revises: 0019

"""
from alembic import op
import sqlalchemy as sa


revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('replay_download', schema=None) as batch_op:
        batch_op.add_column(sa.Column('attempts', sa.Integer(), server_default='0', nullable=False, comment='how often making it was begun since it was asked for; one that kills its process is given up'))
    with op.batch_alter_table('people_import', schema=None) as batch_op:
        batch_op.add_column(sa.Column('attempts', sa.Integer(), server_default='0', nullable=False, comment='how often it was begun again after its process died; one that kills it is given up'))


def downgrade():
    with op.batch_alter_table('people_import', schema=None) as batch_op:
        batch_op.drop_column('attempts')
    with op.batch_alter_table('replay_download', schema=None) as batch_op:
        batch_op.drop_column('attempts')

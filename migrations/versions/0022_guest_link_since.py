"""A guest link may change while the visitors whom it let in stay

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op


revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('live_session', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                'guest_link_since',
                sa.Integer(),
                nullable=False,
                server_default='1',
                comment='visitors whom links of this number and later have let in may stay',
            )
        )
    op.execute('UPDATE live_session SET guest_link_since = guest_link_no')


def downgrade():
    with op.batch_alter_table('live_session', schema=None) as batch_op:
        batch_op.drop_column('guest_link_since')

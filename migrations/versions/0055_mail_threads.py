"""Mails that are answered: their names, and where answers go

Revision ID: 0055
Revises: 0054

"""
from alembic import op
import sqlalchemy as sa


revision = '0055'
down_revision = '0054'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('mail', sa.Column('message_id', sa.String(length=200), server_default='', nullable=False, comment='name in its header; empty: any'))
    op.add_column('mail', sa.Column('reply_to', sa.String(length=254), server_default='', nullable=False, comment='where answers go; empty: to the sender'))


def downgrade():
    op.drop_column('mail', 'reply_to')
    op.drop_column('mail', 'message_id')

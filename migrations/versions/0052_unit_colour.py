"""Colours of units, for posters

Revision ID: 0052
Revises: 0051

"""
from alembic import op
import sqlalchemy as sa


revision = '0052'
down_revision = '0051'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('unit', sa.Column('colour', sa.String(length=7), server_default='', nullable=False, comment='#rrggbb, on posters; empty: that of the unit above'))


def downgrade():
    op.drop_column('unit', 'colour')

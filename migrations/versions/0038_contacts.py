"""Whom to ask: contacts of units

Revision ID: 0038
Revises: 0037

"""
from alembic import op
import sqlalchemy as sa


revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('support_contact',
    sa.Column('unit_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('qq_number', sa.String(length=20), nullable=False),
    sa.Column('qq_link', sa.String(length=300), nullable=False, comment='joins the group; its QR code is made of it'),
    sa.Column('telephone', sa.String(length=80), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('hours', sa.String(length=80), nullable=False, comment='when somebody is there, in words'),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_support_contact_unit_id_unit')),
    sa.PrimaryKeyConstraint('unit_id', name=op.f('pk_support_contact'))
    )


def downgrade():
    op.drop_table('support_contact')

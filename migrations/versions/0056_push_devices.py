"""Browsers that take reminders of lessons

Revision ID: 0056
Revises: 0055

"""
from alembic import op
import sqlalchemy as sa


revision = '0056'
down_revision = '0055'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('push_device',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sign_in_key', sa.String(length=43), nullable=False),
    sa.Column('endpoint', sa.String(length=1000), nullable=False, comment='its address at the push service'),
    sa.Column('p256dh', sa.String(length=88), nullable=False, comment='its public key, base64url'),
    sa.Column('auth', sa.String(length=24), nullable=False, comment='secret that it shares with us, base64url'),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('site', sa.String(length=200), nullable=False, comment="the site's address, for the links in messages"),
    sa.Column('problem', sa.String(length=8), nullable=False, comment='of the newest message: silent, or a status; empty: none'),
    sa.Column('created_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['sign_in_key'], ['sign_in.key'], name=op.f('fk_push_device_sign_in_key_sign_in'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_push_device')),
    sa.UniqueConstraint('endpoint', name=op.f('uq_push_device_endpoint')),
    sa.UniqueConstraint('sign_in_key', name=op.f('uq_push_device_sign_in_key'))
    )


def downgrade():
    op.drop_table('push_device')

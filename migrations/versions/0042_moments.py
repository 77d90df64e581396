"""Pictures of lessons on air

Revision ID: 0042
Revises: 0041

"""
from alembic import op
import sqlalchemy as sa


revision = '0042'
down_revision = '0041'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('live_moment',
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_live_moment_live_id_live_session')),
    sa.PrimaryKeyConstraint('live_id', name=op.f('pk_live_moment'))
    )


def downgrade():
    op.drop_table('live_moment')

"""Announcements

Revision ID: 0040
Revises: 0039

"""
from alembic import op
import sqlalchemy as sa


revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('support_announcement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('title', sa.String(length=100), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('from_ms', sa.BigInteger(), nullable=False),
    sa.Column('until_ms', sa.BigInteger(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('made_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_support_announcement_by_id_user_account')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_support_announcement_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_support_announcement'))
    )
    op.create_index(op.f('ix_support_announcement_unit_id'), 'support_announcement', ['unit_id'])
    op.create_index(op.f('ix_support_announcement_until_ms'), 'support_announcement', ['until_ms'])
    op.create_table('support_dismissal',
    sa.Column('announcement_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('user_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['announcement_id'], ['support_announcement.id'], name=op.f('fk_support_dismissal_announcement_id_support_announcement'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_support_dismissal_user_id_user_account')),
    sa.PrimaryKeyConstraint('announcement_id', 'user_id', name=op.f('pk_support_dismissal'))
    )


def downgrade():
    op.drop_table('support_dismissal')
    op.drop_table('support_announcement')

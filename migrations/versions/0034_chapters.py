"""Edits of a replay's chapters

Revision ID: 0034
Revises: 0033

"""
from alembic import op
import sqlalchemy as sa


revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('replay_chapter_edit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False, comment='beginning of the chapter, on the capture clock'),
    sa.Column('deed', sa.Enum('named', 'merged', 'hidden', 'shown', 'added', name='deed', native_enum=False, length=16), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False, comment='for named and added'),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('done_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_replay_chapter_edit_by_id_user_account'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_replay_chapter_edit_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replay_chapter_edit'))
    )
    with op.batch_alter_table('replay_chapter_edit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_replay_chapter_edit_live_id'), ['live_id'], unique=False)


def downgrade():
    op.drop_table('replay_chapter_edit')

"""Polls and their answers

Revision ID: 0012
Revises: 0011

"""
from alembic import op
import sqlalchemy as sa


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('poll',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False, comment='its place among the polls of the lesson'),
    sa.Column('kind', sa.Enum('single', 'multiple', 'text', 'rating', name='kind', native_enum=False, length=16), nullable=False),
    sa.Column('question', sa.String(length=300), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False, comment='what can be chosen; empty for texts and ratings'),
    sa.Column('right', sa.Integer(), nullable=False, comment='the right options as `mask_of` writes them; 0: no quiz'),
    sa.Column('countdown_s', sa.Integer(), nullable=False, comment='closes by itself so long after opening; 0: never'),
    sa.Column('state', sa.Enum('prepared', 'open', 'closed', 'published', 'hidden', name='pollstate', native_enum=False, length=16), nullable=False),
    sa.Column('made_ms', sa.BigInteger(), nullable=False),
    sa.Column('opened_ms', sa.BigInteger(), nullable=True, comment='for the last time'),
    sa.Column('closes_ms', sa.BigInteger(), nullable=True, comment='answers that arrive later do not count'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_poll_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_poll')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('poll', schema=None) as batch_op:
        batch_op.create_index('ix_poll_live_id_position', ['live_id', 'position'], unique=False)
        batch_op.create_index('ix_poll_state_closes_ms', ['state', 'closes_ms'], unique=False)

    op.create_table('poll_vote',
    sa.Column('poll_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False, comment='of the person, see hub.Person'),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('chosen', sa.Integer(), nullable=False, comment='the options, or the star, as `mask_of` writes them; 0 for a text'),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False, comment='when it was given, or changed for the last time'),
    sa.ForeignKeyConstraint(['poll_id'], ['poll.id'], name=op.f('fk_poll_vote_poll_id_poll'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_poll_vote_user_id_user_account'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('poll_id', 'key', name=op.f('pk_poll_vote'))
    )


def downgrade():
    op.drop_table('poll_vote')
    with op.batch_alter_table('poll', schema=None) as batch_op:
        batch_op.drop_index('ix_poll_state_closes_ms')
        batch_op.drop_index('ix_poll_live_id_position')

    op.drop_table('poll')

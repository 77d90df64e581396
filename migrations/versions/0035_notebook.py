"""Where people left replays, and their notes

Revision ID: 0035
Revises: 0034

"""
from alembic import op
import sqlalchemy as sa


revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('replay_place',
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False, comment='on the capture clock; cuts and pauses do not move it'),
    sa.Column('changed_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_replay_place_live_id_live_session'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_replay_place_user_id_user_account'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('live_id', 'user_id', name=op.f('pk_replay_place'))
    )
    op.create_table('replay_note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False, comment='on the capture clock'),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('made_ms', sa.BigInteger(), nullable=False),
    sa.Column('changed_ms', sa.BigInteger(), nullable=False),
    sa.Column('gone_ms', sa.BigInteger(), nullable=True, comment='deleted since then'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_replay_note_live_id_live_session'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_replay_note_user_id_user_account'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replay_note'))
    )
    with op.batch_alter_table('replay_note', schema=None) as batch_op:
        batch_op.create_index('ix_replay_note_of', ['live_id', 'user_id', 'at_ms'], unique=False)


def downgrade():
    op.drop_table('replay_note')
    op.drop_table('replay_place')

"""Times of the pages of replays

Revision ID: 0054
Revises: 0053

"""
from alembic import op
import sqlalchemy as sa


revision = '0054'
down_revision = '0053'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('replay_slide_times',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('turns', sa.JSON(), nullable=False, comment='[moment of capture, page, step], in order; page 0: none is shown'),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('set_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_replay_slide_times_by_id_user_account'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_replay_slide_times_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replay_slide_times'))
    )
    op.create_index(op.f('ix_replay_slide_times_live_id'), 'replay_slide_times', ['live_id'])


def downgrade():
    op.drop_index(op.f('ix_replay_slide_times_live_id'), table_name='replay_slide_times')
    op.drop_table('replay_slide_times')

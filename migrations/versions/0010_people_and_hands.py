"""Who is in a room, and raised hands

Revision ID: 0010
Revises: 0009

"""
from alembic import op
import sqlalchemy as sa


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('classroom_hand',
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False, comment='of the person, see hub.Person'),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('reason', sa.String(length=100), nullable=False),
    sa.Column('raised_ms', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False, comment='id of the event: the place in the queue, also within one millisecond'),
    sa.Column('called_ms', sa.BigInteger(), nullable=True, comment='请发言: has the floor since then'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_classroom_hand_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('live_id', 'key', name=op.f('pk_classroom_hand'))
    )
    op.create_table('classroom_presence',
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False, comment='of the person, see hub.Person'),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('unit', sa.String(length=200), nullable=False, comment='name of the unit; empty for guests'),
    sa.Column('part', sa.String(length=16), nullable=False, comment='teacher, assistant, learner or guest'),
    sa.Column('entered_ms', sa.BigInteger(), nullable=False, comment='for the first time'),
    sa.Column('seen_ms', sa.BigInteger(), nullable=False, comment='last noted; a process that died notes nothing any more'),
    sa.Column('left_ms', sa.BigInteger(), nullable=True, comment='none: still here, if seen lately'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_classroom_presence_live_id_live_session'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_classroom_presence_user_id_user_account'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('live_id', 'key', name=op.f('pk_classroom_presence'))
    )
    with op.batch_alter_table('classroom_presence', schema=None) as batch_op:
        batch_op.create_index('ix_classroom_presence_here', ['live_id', 'left_ms', 'seen_ms'], unique=False)


def downgrade():
    with op.batch_alter_table('classroom_presence', schema=None) as batch_op:
        batch_op.drop_index('ix_classroom_presence_here')

    op.drop_table('classroom_presence')
    op.drop_table('classroom_hand')

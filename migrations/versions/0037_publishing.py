"""Publishing of recordings

Revision ID: 0037
Revises: 0036

"""
from alembic import op
import sqlalchemy as sa


revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None

AUDIENCE = sa.Enum('department', 'institute', 'academy', 'everyone', name='audience', native_enum=False, length=16)


def upgrade():
    op.add_column('live_session', sa.Column('replay_hidden', sa.Boolean(), server_default=sa.false(), nullable=False, comment='the recording is not published: only presenters watch it'))
    op.add_column('live_session', sa.Column('replay_audience', AUDIENCE, nullable=True, comment='who may watch the recording; none: whoever may watch the lesson'))
    op.add_column('live_session', sa.Column('replay_guests', sa.Boolean(), server_default=sa.true(), nullable=False, comment='the guest link lets visitors watch the recording, too'))
    if op.get_bind().dialect.name == 'sqlite':  # a batch would make the table anew, without its partial index
        op.execute('ALTER TABLE live_session ADD COLUMN replay_audience_unit_id INTEGER REFERENCES unit (id)')
    else:
        op.add_column('live_session', sa.Column('replay_audience_unit_id', sa.Integer(), nullable=True, comment='whose people may watch the recording; none like its audience'))
        op.create_foreign_key(op.f('fk_live_session_replay_audience_unit_id_unit'), 'live_session', 'unit', ['replay_audience_unit_id'], ['id'])
    op.create_index(op.f('ix_live_session_replay_audience_unit_id'), 'live_session', ['replay_audience_unit_id'])
    op.create_table('replay_viewer',
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False, comment='of the person, as in the classroom'),
    sa.Column('since_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_replay_viewer_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('live_id', 'key', name=op.f('pk_replay_viewer'))
    )


def downgrade():
    op.drop_table('replay_viewer')
    op.drop_index(op.f('ix_live_session_replay_audience_unit_id'), table_name='live_session')
    if op.get_bind().dialect.name != 'sqlite':
        op.drop_constraint(op.f('fk_live_session_replay_audience_unit_id_unit'), 'live_session', type_='foreignkey')
    for column in ('replay_audience_unit_id', 'replay_guests', 'replay_audience', 'replay_hidden'):
        op.drop_column('live_session', column)

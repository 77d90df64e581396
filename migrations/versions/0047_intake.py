"""Recordings made elsewhere on their way in

Revision ID: 0047
Revises: 0046

"""
from alembic import op
import sqlalchemy as sa


revision = '0047'
down_revision = '0046'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('courseware_intake',
    sa.Column('id', sa.String(length=16), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('uploading', 'asking', 'waiting', 'running', 'done', 'failed', name='intakestate', native_enum=False, length=16), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False, comment='of the file'),
    sa.Column('size_bytes', sa.BigInteger(), nullable=False),
    sa.Column('received_bytes', sa.BigInteger(), nullable=False),
    sa.Column('slides_name', sa.String(length=200), nullable=False, comment='of the slides; empty: none'),
    sa.Column('slides_bytes', sa.BigInteger(), nullable=False),
    sa.Column('slides_received', sa.BigInteger(), nullable=False),
    sa.Column('subject', sa.String(length=120), nullable=False, comment='of a video'),
    sa.Column('began_ms', sa.BigInteger(), nullable=False, comment='when a video was begun'),
    sa.Column('percent', sa.Integer(), nullable=False),
    sa.Column('problem', sa.String(length=40), nullable=False, comment='a word of `problems`; empty: none'),
    sa.Column('attempts', sa.Integer(), nullable=False, comment='how often it was begun; one that kills its process is given up'),
    sa.Column('live_id', sa.String(length=16), nullable=True),
    sa.Column('created_ms', sa.BigInteger(), nullable=False),
    sa.Column('changed_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_courseware_intake_by_id_user_account'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_courseware_intake_live_id_live_session'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_courseware_intake'))
    )
    op.create_index(op.f('ix_courseware_intake_by_id'), 'courseware_intake', ['by_id'])
    op.create_index('ix_courseware_intake_state', 'courseware_intake', ['state', 'changed_ms'])


def downgrade():
    op.drop_index('ix_courseware_intake_state', table_name='courseware_intake')
    op.drop_index(op.f('ix_courseware_intake_by_id'), table_name='courseware_intake')
    op.drop_table('courseware_intake')

"""Exports of lessons as courseware

Revision ID: 0028
Revises: 0027

"""
from alembic import op
import sqlalchemy as sa


revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('courseware_export',
    sa.Column('id', sa.String(length=16), nullable=False),
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('form', sa.Enum('scorm12', 'scorm2004', 'web', 'archive', name='form', native_enum=False, length=16), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False, comment='what is wanted, as `course.Options`'),
    sa.Column('state', sa.Enum('queued', 'running', 'done', 'failed', 'cancelled', name='exportstate', native_enum=False, length=16), nullable=False),
    sa.Column('done_bytes', sa.BigInteger(), nullable=False, comment='written so far'),
    sa.Column('total_bytes', sa.BigInteger(), nullable=False, comment='to be written; 0 until it is known'),
    sa.Column('size_bytes', sa.BigInteger(), nullable=False, comment='of the finished file'),
    sa.Column('problem', sa.String(length=40), nullable=False, comment='a word of `queries.PROBLEMS`; empty: none'),
    sa.Column('attempts', sa.Integer(), nullable=False, comment='how often making it was begun; one that kills its process is given up'),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('created_ms', sa.BigInteger(), nullable=False),
    sa.Column('changed_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_courseware_export_by_id_user_account'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_courseware_export_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_courseware_export'))
    )
    with op.batch_alter_table('courseware_export', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_courseware_export_live_id'), ['live_id'], unique=False)
        batch_op.create_index('ix_courseware_export_state', ['state', 'changed_ms'], unique=False)


def downgrade():
    op.drop_table('courseware_export')

"""How the slides of a lesson are shown

Revision ID: 0016
Revises: 0015

"""
from alembic import op
import sqlalchemy as sa


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('slide_rules',
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('look_ahead', sa.Boolean(), nullable=False, comment='learners may leaf through the pages by themselves'),
    sa.Column('assistants_turn', sa.Boolean(), nullable=False, comment='assistants may show, draw and point'),
    sa.Column('list_due', sa.Boolean(), nullable=False, comment='the desk has yet to hear that documents changed'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_slide_rules_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('live_id', name=op.f('pk_slide_rules'))
    )
    with op.batch_alter_table('slide_rules', schema=None) as batch_op:
        batch_op.create_index('ix_slide_rules_list_due', ['live_id'], unique=False, sqlite_where=sa.text('list_due'), postgresql_where=sa.text('list_due'))


def downgrade():
    with op.batch_alter_table('slide_rules', schema=None) as batch_op:
        batch_op.drop_index('ix_slide_rules_list_due', sqlite_where=sa.text('list_due'), postgresql_where=sa.text('list_due'))

    op.drop_table('slide_rules')

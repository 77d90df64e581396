"""The stage: who speaks there, its rules, signals between its pages; how somebody wants to speak

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op


revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('classroom_hand') as table:
        table.add_column(
            sa.Column(
                'way',
                sa.String(length=8),
                server_default='',
                nullable=False,
                comment='how she wants to speak: voice, both, or empty for in writing',
            )
        )
    with op.batch_alter_table('classroom_hand') as table:
        table.alter_column('way', server_default=None)
    op.create_table(
        'classroom_stage_member',
        sa.Column('live_id', sa.String(length=16), nullable=False),
        sa.Column('key', sa.String(length=40), nullable=False, comment='of the person, see seats.Person'),
        sa.Column('name', sa.String(length=80), nullable=False),
        sa.Column('page', sa.String(length=40), nullable=False, comment='name of the page, see seats.Seat'),
        sa.Column('host', sa.Boolean(), nullable=False, comment='her page composes and sends the picture of the lesson'),
        sa.Column('muted', sa.Boolean(), nullable=False, comment='by the desk'),
        sa.Column(
            'number',
            sa.Integer(),
            nullable=False,
            comment='id of the event by which the page came: later pages call earlier ones',
        ),
        sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_classroom_stage_member_live_id_live_session'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('live_id', 'key', name=op.f('pk_classroom_stage_member')),
    )
    op.create_table(
        'classroom_stage_signal',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('live_id', sa.String(length=16), nullable=False),
        sa.Column('key', sa.String(length=40), nullable=False, comment='of the person whose page it is for'),
        sa.Column('page', sa.String(length=40), nullable=False),
        sa.Column('text', sa.Text(), nullable=False, comment='the data of the told frame, as JSON'),
        sa.Column('at_ms', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_classroom_stage_signal_live_id_live_session'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_classroom_stage_signal')),
    )
    op.create_index('ix_classroom_stage_signal_page', 'classroom_stage_signal', ['page'])
    op.create_table(
        'classroom_stage_rules',
        sa.Column('live_id', sa.String(length=16), nullable=False),
        sa.Column('free', sa.Boolean(), nullable=False, comment='everybody may take the floor while a seat is free'),
        sa.Column('turn_s', sa.Integer(), nullable=False, comment='length of a turn; 0: as long as one likes'),
        sa.Column(
            'next_by_itself', sa.Boolean(), nullable=False, comment='the end of a turn calls who has waited longest'
        ),
        sa.Column(
            'layout',
            sa.String(length=8),
            nullable=False,
            comment='how the studio draws the speakers: side, large or strip',
        ),
        sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_classroom_stage_rules_live_id_live_session'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('live_id', name=op.f('pk_classroom_stage_rules')),
    )


def downgrade():
    op.drop_table('classroom_stage_rules')
    op.drop_table('classroom_stage_signal')
    op.drop_table('classroom_stage_member')
    with op.batch_alter_table('classroom_hand') as table:
        table.drop_column('way')

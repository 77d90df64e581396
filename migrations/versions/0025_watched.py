"""What people watched, how much of their time is used up, and what there was to watch

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op


revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'credits_watched',
        sa.Column('live_id', sa.String(16), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('came_ms', sa.BigInteger(), nullable=False, comment='of the first report; nothing was watched before'),
        sa.Column('seen_ms', sa.BigInteger(), nullable=False, comment='of the newest report'),
        sa.Column('on_air', sa.JSON(), nullable=False, comment='stretches first watched while it was on air'),
        sa.Column('replayed', sa.JSON(), nullable=False, comment='stretches first watched in the replay'),
        sa.Column('on_air_ms', sa.BigInteger(), nullable=False, comment='length of these'),
        sa.Column('replayed_ms', sa.BigInteger(), nullable=False),
        sa.Column('muted_ms', sa.BigInteger(), nullable=False, comment='of all of it, without sound'),
        sa.Column('hidden_ms', sa.BigInteger(), nullable=False, comment='behind another tab or window'),
        sa.Column('apart_ms', sa.BigInteger(), nullable=False, comment='in a small window, picture in picture'),
        sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name='fk_credits_watched_live_id_live_session'),
        sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name='fk_credits_watched_user_id_user_account'),
        sa.PrimaryKeyConstraint('live_id', 'user_id', name='pk_credits_watched'),
    )
    op.create_index('ix_credits_watched_user_id', 'credits_watched', ['user_id'])
    op.create_table(
        'credits_watcher',
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('spent_ms', sa.BigInteger(), nullable=False, comment='up to this moment (epoch ms) her time is used up'),
        sa.Column('seen_ms', sa.BigInteger(), nullable=False, comment='of the newest report'),
        sa.Column('live_id', sa.String(16), comment='the lesson in which time was used last'),
        sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name='fk_credits_watcher_user_id_user_account'),
        sa.PrimaryKeyConstraint('user_id', name='pk_credits_watcher'),
    )
    op.create_table(
        'credits_programme',
        sa.Column('live_id', sa.String(16), nullable=False),
        sa.Column('stretches', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name='fk_credits_programme_live_id_live_session'),
        sa.PrimaryKeyConstraint('live_id', name='pk_credits_programme'),
    )


def downgrade():
    op.drop_table('credits_programme')
    op.drop_table('credits_watcher')
    op.drop_index('ix_credits_watched_user_id', 'credits_watched')
    op.drop_table('credits_watched')

"""Deliveries of learning hours to other services

Revision ID: 0045
Revises: 0044

"""
from alembic import op
import sqlalchemy as sa


revision = '0045'
down_revision = '0044'
branch_labels = None
depends_on = None

RECEIVER = sa.Enum('lrs', 'hook', name='key', native_enum=False, length=16)
STATE = sa.Enum('waiting', 'delivered', 'failed', name='state', native_enum=False, length=16)


def only_while(condition):
    return {'sqlite_where': sa.text(condition), 'postgresql_where': sa.text(condition)}


def upgrade():
    op.create_table('credits_delivery',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('receiver', RECEIVER, nullable=False),
    sa.Column('uuid', sa.String(length=36), nullable=False, comment='by which its receiver knows it when it comes again'),
    sa.Column('what', sa.String(length=300), nullable=False, comment='for administrators'),
    sa.Column('body', sa.Text(), nullable=False, comment='JSON'),
    sa.Column('state', STATE, nullable=False),
    sa.Column('created_ms', sa.BigInteger(), nullable=False),
    sa.Column('due_ms', sa.BigInteger(), nullable=False, comment='not before; later after a refusal'),
    sa.Column('tries', sa.Integer(), nullable=False, comment='that were answered'),
    sa.Column('problem', sa.String(length=300), nullable=False),
    sa.Column('answered_ms', sa.BigInteger(), nullable=True, comment='of the newest answer'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credits_delivery')),
    sa.UniqueConstraint('uuid', name=op.f('uq_credits_delivery_uuid'))
    )
    op.create_index('ix_credits_delivery_waiting', 'credits_delivery', ['receiver', 'due_ms'], unique=False, **only_while("state = 'waiting'"))
    op.create_index('ix_credits_delivery_failed', 'credits_delivery', ['id'], unique=False, **only_while("state = 'failed'"))
    op.create_index('ix_credits_delivery_created', 'credits_delivery', ['created_ms'], unique=False)
    op.create_table('credits_silence',
    sa.Column('receiver', RECEIVER, nullable=False),
    sa.Column('until_ms', sa.BigInteger(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False, comment='in a row'),
    sa.Column('problem', sa.String(length=300), nullable=False),
    sa.PrimaryKeyConstraint('receiver', name=op.f('pk_credits_silence'))
    )
    op.create_table('credits_viewing',
    sa.Column('id', sa.String(length=36), nullable=False, comment='UUID of its first statement'),
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('page', sa.String(length=64), nullable=False, comment='name of an open page; empty for those without a socket'),
    sa.Column('seen_ms', sa.BigInteger(), nullable=False, comment='when its newest report came'),
    sa.Column('played_ms', sa.BigInteger(), nullable=False, comment='when the newest report came that said it played'),
    sa.Column('plays', sa.Boolean(), nullable=False),
    sa.Column('segments', sa.JSON(), nullable=False, comment="what she watched of the lesson (epoch ms), this page's in the order in which it did"),
    sa.Column('known', sa.Integer(), nullable=False, comment='so many of the segments are from before'),
    sa.Column('newest', sa.JSON(), nullable=False, comment='pieces of the newest report, which may come again'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_credits_viewing_live_id_live_session')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_credits_viewing_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credits_viewing'))
    )
    op.create_index('ix_credits_viewing_page', 'credits_viewing', ['live_id', 'user_id', 'page'], unique=True)
    op.create_index('ix_credits_viewing_seen', 'credits_viewing', ['seen_ms'], unique=False)


def downgrade():
    op.drop_table('credits_viewing')
    op.drop_table('credits_silence')
    op.drop_table('credits_delivery')

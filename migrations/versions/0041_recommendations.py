"""Recommendations on the home page, and requests for the whole academy

Revision ID: 0041
Revises: 0040

"""
from alembic import op
import sqlalchemy as sa


revision = '0041'
down_revision = '0040'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('recommendation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('picture', sa.String(length=40), server_default='', nullable=False, comment='name as `pictures` keeps it; empty: composed of the cover'),
    sa.Column('words', sa.String(length=60), server_default='', nullable=False),
    sa.Column('from_ms', sa.BigInteger(), nullable=False),
    sa.Column('until_ms', sa.BigInteger(), nullable=True, comment='none: until it is taken away'),
    sa.Column('position', sa.Integer(), nullable=False, comment='order within the unit; the least comes first'),
    sa.Column('shown', sa.Integer(), server_default='0', nullable=False, comment='pages on which the picture was seen'),
    sa.Column('opened', sa.Integer(), server_default='0', nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False, comment='rises with each change'),
    sa.Column('created_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_recommendation_by_id_user_account')),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_recommendation_live_id_live_session')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_recommendation_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recommendation')),
    sa.UniqueConstraint('unit_id', 'live_id', name=op.f('uq_recommendation_unit_id'))
    )
    op.create_index(op.f('ix_recommendation_live_id'), 'recommendation', ['live_id'])
    op.create_table('recommendation_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False, comment='in whose name it was asked'),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('site', sa.String(length=200), nullable=False, comment="the site's address, for the link in the answer"),
    sa.Column('asked_ms', sa.BigInteger(), nullable=False),
    sa.Column('answered_ms', sa.BigInteger(), nullable=True),
    sa.Column('granted', sa.Boolean(), nullable=True),
    sa.Column('reply', sa.String(length=300), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_recommendation_request_by_id_user_account')),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_recommendation_request_live_id_live_session')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_recommendation_request_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recommendation_request'))
    )
    op.create_index(op.f('ix_recommendation_request_unit_id'), 'recommendation_request', ['unit_id'])
    op.create_index('uq_recommendation_request_open', 'recommendation_request', ['live_id'], unique=True,
                    sqlite_where=sa.text('answered_ms IS NULL'), postgresql_where=sa.text('answered_ms IS NULL'))


def downgrade():
    op.drop_table('recommendation_request')
    op.drop_table('recommendation')

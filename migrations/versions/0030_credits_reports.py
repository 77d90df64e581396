"""Appeals, certificates and targets of learning hours

Revision ID: 0030
Revises: 0029
"""

from alembic import op
import sqlalchemy as sa


revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('credits_appeal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=True, comment='none: something is missing'),
    sa.Column('words', sa.String(length=1000), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False, comment='in which she is answered by mail'),
    sa.Column('made_ms', sa.BigInteger(), nullable=False),
    sa.Column('answer', sa.String(length=1000), nullable=False),
    sa.Column('answered_ms', sa.BigInteger(), nullable=True),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.Column('correction_id', sa.Integer(), nullable=True, comment='none: a reasoned no'),
    sa.ForeignKeyConstraint(['answered_by_id'], ['user_account.id'], name=op.f('fk_credits_appeal_answered_by_id_user_account')),
    sa.ForeignKeyConstraint(['correction_id'], ['credits_entry.id'], name=op.f('fk_credits_appeal_correction_id_credits_entry')),
    sa.ForeignKeyConstraint(['entry_id'], ['credits_entry.id'], name=op.f('fk_credits_appeal_entry_id_credits_entry')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_credits_appeal_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credits_appeal'))
    )
    op.create_index('ix_credits_appeal_answered', 'credits_appeal', ['answered_ms', 'made_ms'])
    op.create_index(op.f('ix_credits_appeal_user_id'), 'credits_appeal', ['user_id'])

    op.create_table('credits_certificate',
    sa.Column('code', sa.String(length=16), nullable=False, comment='cannot be guessed; whoever has it may check'),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False, comment='JSON: what it says'),
    sa.Column('is_open', sa.Boolean(), nullable=False, comment='she agreed that whoever checks it sees her name and her lessons'),
    sa.Column('made_ms', sa.BigInteger(), nullable=False),
    sa.Column('head_id', sa.Integer(), nullable=False, comment='newest entry of the ledger then'),
    sa.Column('head_hash', sa.String(length=64), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_credits_certificate_user_id_user_account')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_credits_certificate'))
    )
    op.create_index(op.f('ix_credits_certificate_user_id'), 'credits_certificate', ['user_id'])

    op.create_table('credits_target',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False, comment='the first in which it holds'),
    sa.Column('category', sa.String(length=40), nullable=False, comment='empty: of all categories together'),
    sa.Column('hours_hundredths', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_credits_target_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credits_target')),
    sa.UniqueConstraint('unit_id', 'year', 'category', name=op.f('uq_credits_target_unit_id'))
    )


def downgrade():
    op.drop_table('credits_target')
    op.drop_table('credits_certificate')
    op.drop_table('credits_appeal')

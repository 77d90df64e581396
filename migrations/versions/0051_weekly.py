"""The weekly mail: people's wishes, units that have it, and how far it is written

Revision ID: 0051
Revises: 0050

"""
from alembic import op
import sqlalchemy as sa


revision = '0051'
down_revision = '0050'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('mail_wishes', sa.Column('weekly', sa.Boolean(), nullable=True, comment='none: as her unit has it, and not at all without that'))
    op.add_column('mail_wishes', sa.Column('language', sa.String(length=8), server_default='zh_CN', nullable=False, comment='in which she chose, and is written to every week'))
    op.add_column('mail_wishes', sa.Column('site', sa.String(length=200), server_default='', nullable=False, comment='as in `Learner.site`'))
    op.create_table('weekly_unit',
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('site', sa.String(length=200), nullable=False, comment="the site's address, for links in mails"),
    sa.Column('since_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_weekly_unit_by_id_user_account')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_weekly_unit_unit_id_unit')),
    sa.PrimaryKeyConstraint('unit_id', name=op.f('pk_weekly_unit'))
    )
    op.create_table('weekly_issue',
    sa.Column('monday_ms', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('last_user_id', sa.Integer(), nullable=False),
    sa.Column('written', sa.Integer(), nullable=False),
    sa.Column('done_ms', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('monday_ms', name=op.f('pk_weekly_issue'))
    )


def downgrade():
    op.drop_table('weekly_issue')
    op.drop_table('weekly_unit')
    op.drop_column('mail_wishes', 'site')
    op.drop_column('mail_wishes', 'language')
    op.drop_column('mail_wishes', 'weekly')

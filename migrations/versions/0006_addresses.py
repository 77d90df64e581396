"""Who typed an address that its owner has not confirmed; there is one academy

Revision ID: 0006
Revises: 0005

"""
from alembic import op
import sqlalchemy as sa


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('email_by_id', sa.Integer(), nullable=True, comment='who typed the address, until its owner confirms it herself'))
        batch_op.create_foreign_key(batch_op.f('fk_user_account_email_by_id_user_account'), 'user_account', ['email_by_id'], ['id'])
    with op.batch_alter_table('unit', schema=None) as batch_op:
        batch_op.create_index('uq_unit_top', ['kind'], unique=True, sqlite_where=sa.text('parent_id IS NULL'), postgresql_where=sa.text('parent_id IS NULL'))


def downgrade():
    with op.batch_alter_table('unit', schema=None) as batch_op:
        batch_op.drop_index('uq_unit_top')
    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_user_account_email_by_id_user_account'), type_='foreignkey')
        batch_op.drop_column('email_by_id')

"""Who may watch: the people of a unit and all beneath

Revision ID: 0003
Revises: 0002

"""
from alembic import op
import sqlalchemy as sa


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('live_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('audience_unit_id', sa.Integer(), nullable=True, comment='whose people may watch, with all beneath; the academy for everyone'))
        batch_op.create_index(batch_op.f('ix_live_session_audience_unit_id'), ['audience_unit_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_live_session_audience_unit_id_unit'), 'unit', ['audience_unit_id'], ['id'])
    op.execute("UPDATE live_session SET audience_unit_id = (SELECT id FROM unit WHERE parent_id IS NULL)")
    with op.batch_alter_table('live_session', schema=None) as batch_op:
        batch_op.alter_column('audience_unit_id', existing_type=sa.Integer(), nullable=False)


def downgrade():
    with op.batch_alter_table('live_session', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_live_session_audience_unit_id_unit'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_live_session_audience_unit_id'))
        batch_op.drop_column('audience_unit_id')

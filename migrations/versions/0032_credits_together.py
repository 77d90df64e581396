"""Yearly hours of all categories together have a row of their own

Revision ID: 0032
Revises: 0031
"""

from alembic import op


revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        "INSERT INTO credits_total (user_id, year, category, hours_hundredths) "
        "SELECT user_id, year, '*', sum(hours_hundredths) FROM credits_total GROUP BY user_id, year"
    )
    op.create_index('ix_credits_total_reached', 'credits_total', ['year', 'category', 'hours_hundredths', 'user_id'])
    if op.get_bind().dialect.name == 'postgresql':
        op.execute("COMMENT ON COLUMN credits_total.category IS '*: all of them together'")


def downgrade():
    op.drop_index('ix_credits_total_reached', table_name='credits_total')
    op.execute("DELETE FROM credits_total WHERE category = '*'")

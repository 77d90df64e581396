"""Words of pages in small letters, for the search in slides

PostgreSQL writes each page anew and fills the column itself; SQLite computes it whenever it is read.

Revision ID: 0057
Revises: 0056

"""
from alembic import op
import sqlalchemy as sa


revision = '0057'
down_revision = '0056'
branch_labels = None
depends_on = None


def upgrade():
    on_sqlite = op.get_bind().dialect.name == 'sqlite'  # which adds no stored column to a table
    folded = sa.Computed('lower(text)', persisted=not on_sqlite)
    op.add_column('document_page', sa.Column('folded', sa.Text(), folded, comment='its text in small letters, for searches'))


def downgrade():
    op.drop_column('document_page', 'folded')

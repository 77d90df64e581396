"""When people were in a lesson, each stay of theirs; mails with answers that come after a lesson can be declined

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op


revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('classroom_stay',
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False, comment='of the person, see seats.Person'),
    sa.Column('from_ms', sa.BigInteger(), nullable=False),
    sa.Column('to_ms', sa.BigInteger(), nullable=True, comment='none: it lasts, or until she was last noted'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_classroom_stay_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('live_id', 'key', 'from_ms', name=op.f('pk_classroom_stay'))
    )
    # earlier lessons have only the first arrival and the last departure of each person
    op.execute(
        'INSERT INTO classroom_stay (live_id, key, from_ms, to_ms) '
        'SELECT live_id, key, entered_ms, left_ms FROM classroom_presence'
    )
    op.add_column('mail_wishes', sa.Column('answers', sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade():
    op.drop_column('mail_wishes', 'answers')
    op.drop_table('classroom_stay')

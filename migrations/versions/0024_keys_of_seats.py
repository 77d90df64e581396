"""Comments of columns with a person's key name the file in which she is described now

Revision ID: 0024
Revises: 0023
"""

from alembic import op


revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

KEYS = (
    ('chat_message', 'by_key'),
    ('classroom_bar', 'key'),
    ('classroom_hand', 'key'),
    ('classroom_presence', 'key'),
    ('classroom_question', 'by_key'),
    ('classroom_question_vote', 'key'),
    ('poll_vote', 'key'),
    ('rollcall_called', 'key'),
    ('rollcall_confirmation', 'key'),
)


def upgrade():
    _say('of the person, see seats.Person')


def downgrade():
    _say('of the person, see hub.Person')


def _say(comment):
    """SQLite keeps no comments."""
    if op.get_bind().dialect.name == 'postgresql':
        for table, column in KEYS:
            op.execute(f"COMMENT ON COLUMN {table}.{column} IS '{comment}'")

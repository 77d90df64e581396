"""Columns that messages, questions and notices share have the same comments

Revision ID: 0053
Revises: 0052
Create Date: 2026-12-01 01:50:00.000000

"""
from alembic import op


revision = '0053'
down_revision = '0052'
branch_labels = None
depends_on = None

NOW = {
    ('chat_message', 'part'): 'teacher, assistant, learner or guest, when it was said',
    ('classroom_question', 'part'): 'teacher, assistant, learner or guest, when it was said',
    ('chat_message', 'nonce'): "the page''s own name for it: sent twice, it is stored once",
    ('classroom_question', 'nonce'): "the page''s own name for it: sent twice, it is stored once",
    ('classroom_question', 'gone_ms'): 'withdrawn or deleted since then',
    ('classroom_notice', 'gone_ms'): 'withdrawn or deleted since then',
}
BEFORE = {
    ('chat_message', 'part'): 'teacher, assistant, learner or guest, when it was written',
    ('classroom_question', 'part'): 'teacher, assistant, learner or guest, when it was asked',
    ('chat_message', 'nonce'): "the page''s own name for it: sent twice, it is written once",
    ('classroom_question', 'nonce'): "the page''s own name for it: sent twice, it is asked once",
    ('classroom_question', 'gone_ms'): 'withdrawn since then',
    ('classroom_notice', 'gone_ms'): 'withdrawn since then',
}


def upgrade():
    _comment(NOW)


def downgrade():
    _comment(BEFORE)


def _comment(comments):
    """Set comments of columns, which SQLite does not store."""
    if op.get_bind().dialect.name == 'postgresql':
        for (table, column), comment in comments.items():
            op.execute(f"COMMENT ON COLUMN {table}.{column} IS '{comment}'")

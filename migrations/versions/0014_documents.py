"""Documents and their pages

Revision ID: 0014
Revises: 0013

"""
from alembic import op
import sqlalchemy as sa


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('document',
    sa.Column('id', sa.String(length=16), nullable=False),
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.Enum('deck', 'whiteboard', name='documentkind', native_enum=False, length=16), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False, comment='of the file; of a whiteboard empty'),
    sa.Column('state', sa.Enum('uploading', 'waiting', 'converting', 'ready', 'failed', name='documentstate', native_enum=False, length=16), nullable=False),
    sa.Column('problem', sa.String(length=40), nullable=False, comment='a word of `problems`; empty: none'),
    sa.Column('findings', sa.JSON(), nullable=False, comment='what is said after the upload: numbers of pages by a word of `problems`'),
    sa.Column('size_bytes', sa.BigInteger(), nullable=False),
    sa.Column('received_bytes', sa.BigInteger(), nullable=False),
    sa.Column('page_count', sa.Integer(), nullable=False, comment='0 until it is known'),
    sa.Column('ready_count', sa.Integer(), nullable=False, comment='pages from the first whose pictures are made'),
    sa.Column('hidden', sa.Boolean(), nullable=False, comment='learners see a page only once it was shown'),
    sa.Column('place', sa.Integer(), nullable=False, comment='order of the tabs'),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('created_ms', sa.BigInteger(), nullable=False),
    sa.Column('changed_ms', sa.BigInteger(), nullable=False),
    sa.Column('removed_ms', sa.BigInteger(), nullable=True, comment='its tab is gone; what was shown of it stays in rewind and replay'),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_document_by_id_user_account'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_document_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document'))
    )
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_document_live_id'), ['live_id'], unique=False)

    op.create_table('document_page',
    sa.Column('document_id', sa.String(length=16), nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False, comment='from 1'),
    sa.Column('width', sa.Integer(), nullable=False, comment='of the large picture, px'),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('steps', sa.JSON(), nullable=False, comment='unguessable name of the picture of each step, the first before any build; blank pages have none'),
    sa.Column('text', sa.Text(), nullable=False, comment='for those who hear the page'),
    sa.Column('notes', sa.Text(), nullable=False, comment="the speaker's"),
    sa.Column('shown_ms', sa.BigInteger(), nullable=True, comment='when learners saw it first'),
    sa.ForeignKeyConstraint(['document_id'], ['document.id'], name=op.f('fk_document_page_document_id_document'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('document_id', 'number', name=op.f('pk_document_page'))
    )


def downgrade():
    op.drop_table('document_page')
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_document_live_id'))

    op.drop_table('document')

"""Browsers send: tickets, and who sends

Revision ID: 0017
Revises: 0016

"""
from alembic import op
import sqlalchemy as sa


revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('media_ticket',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('stream_id', sa.String(length=16), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False, comment='of the person, as it was'),
    sa.Column('sender', sa.String(length=40), nullable=False, comment='name of the tab'),
    sa.Column('run', sa.Integer(), nullable=False, comment="the stream's run when it was issued; it opens the next one only"),
    sa.Column('expires_ms', sa.BigInteger(), nullable=False),
    sa.Column('used_ms', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['stream_id'], ['media_stream.id'], name=op.f('fk_media_ticket_stream_id_media_stream'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_media_ticket_user_id_user_account'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_media_ticket'))
    )
    with op.batch_alter_table('media_ticket', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_media_ticket_stream_id'), ['stream_id'], unique=False)

    with op.batch_alter_table('media_stream', schema=None) as batch_op:
        batch_op.add_column(sa.Column('way', sa.String(length=16), nullable=False, server_default='rtmp', comment='how the media come in'))
        batch_op.add_column(sa.Column('sender', sa.String(length=40), nullable=False, server_default='', comment="name of the browser's tab that sends"))
        batch_op.add_column(sa.Column('sender_name', sa.String(length=80), nullable=False, server_default='', comment='of the person at it'))
        batch_op.add_column(sa.Column('since_ms', sa.BigInteger(), nullable=False, server_default='0', comment='since then the present publisher is here'))


def downgrade():
    with op.batch_alter_table('media_stream', schema=None) as batch_op:
        batch_op.drop_column('since_ms')
        batch_op.drop_column('sender_name')
        batch_op.drop_column('sender')
        batch_op.drop_column('way')
    op.drop_table('media_ticket')

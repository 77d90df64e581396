"""Chat, and who was put out of a room

Revision ID: 0009
Revises: 0008

"""
from alembic import op
import sqlalchemy as sa


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('chat_message',
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False, comment='of its event in the timeline'),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('by_key', sa.String(length=40), nullable=False, comment='of the person, see hub.Person'),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('by_name', sa.String(length=80), nullable=False),
    sa.Column('part', sa.String(length=16), nullable=False, comment='teacher, assistant, learner or guest, when it was written'),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('picture', sa.String(length=40), nullable=False, comment='name of a kept picture'),
    sa.Column('to_desk', sa.Boolean(), nullable=False, comment='悄悄话: for those who teach and assist'),
    sa.Column('reply_id', sa.Integer(), nullable=True, comment='the message that it answers'),
    sa.Column('nonce', sa.String(length=36), nullable=False, comment="the page's own name for it: sent twice, it is written once"),
    sa.Column('edited_ms', sa.BigInteger(), nullable=True),
    sa.Column('gone_ms', sa.BigInteger(), nullable=True, comment='withdrawn or deleted since then'),
    sa.Column('pinned_ms', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_chat_message_by_id_user_account'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_chat_message_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('live_id', 'id', name=op.f('pk_chat_message')),
    sa.UniqueConstraint('live_id', 'by_key', 'nonce', name=op.f('uq_chat_message_live_id'))
    )
    with op.batch_alter_table('chat_message', schema=None) as batch_op:
        batch_op.create_index('ix_chat_message_pinned', ['live_id', 'pinned_ms'], unique=False)

    op.create_table('chat_mute',
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_chat_mute_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('live_id', 'key', name=op.f('pk_chat_mute'))
    )
    op.create_table('chat_rules',
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('muted_all', sa.Boolean(), nullable=False, comment='全员禁言: only the desk writes'),
    sa.Column('slow_s', sa.Integer(), nullable=False, comment='least time between two messages of a learner, s'),
    sa.Column('guests', sa.Boolean(), nullable=False, comment='those without an account may write'),
    sa.Column('pictures', sa.Boolean(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False, comment='what nobody may write, one a line'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_chat_rules_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('live_id', name=op.f('pk_chat_rules'))
    )
    op.create_table('classroom_bar',
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False, comment='of the person, see hub.Person'),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('until_ms', sa.BigInteger(), nullable=True, comment='none: for good'),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_classroom_bar_by_id_user_account'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_classroom_bar_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('live_id', 'key', name=op.f('pk_classroom_bar'))
    )


def downgrade():
    op.drop_table('classroom_bar')
    op.drop_table('chat_rules')
    op.drop_table('chat_mute')
    with op.batch_alter_table('chat_message', schema=None) as batch_op:
        batch_op.drop_index('ix_chat_message_pinned')

    op.drop_table('chat_message')

"""Mails about sessions, calendars, and what has ended a lesson

Revision ID: 0008
Revises: 0006

"""
from alembic import op
import sqlalchemy as sa


revision = '0008'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('calendar_feed',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=43), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('created_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_calendar_feed_user_id_user_account')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_calendar_feed')),
    sa.UniqueConstraint('key', name=op.f('uq_calendar_feed_key'))
    )
    op.create_table('mail_wishes',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('invitations', sa.Boolean(), server_default=sa.true(), nullable=False),
    sa.Column('reminders', sa.Boolean(), server_default=sa.true(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_mail_wishes_user_id_user_account')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_mail_wishes'))
    )
    op.create_table('invited',
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_invited_live_id_live_session')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_invited_user_id_user_account')),
    sa.PrimaryKeyConstraint('live_id', 'user_id', name=op.f('pk_invited'))
    )
    with op.batch_alter_table('invited', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invited_user_id'), ['user_id'], unique=False)

    op.create_table('notice',
    sa.Column('id', sa.String(length=16), nullable=False),
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.Enum('invitation', 'change', 'cancellation', name='noticekind', native_enum=False, length=16), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('words', sa.String(length=500), nullable=False, comment='what the sender adds in her own words'),
    sa.Column('unit_ids', sa.JSON(), nullable=False, comment='who is invited; empty: the audience'),
    sa.Column('before', sa.JSON(), nullable=False, comment='of a change: what was planned'),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('site', sa.String(length=200), nullable=False, comment="the site's address, for links in mails"),
    sa.Column('created_ms', sa.BigInteger(), nullable=False),
    sa.Column('due_ms', sa.BigInteger(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False, comment='people to write to, counted when it was ordered'),
    sa.Column('written', sa.Integer(), nullable=False),
    sa.Column('last_user_id', sa.Integer(), nullable=False),
    sa.Column('done_ms', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_notice_by_id_user_account')),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_notice_live_id_live_session')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice'))
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_live_id'), ['live_id'], unique=False)
        batch_op.create_index('ix_notice_unwritten', ['due_ms'], unique=False, sqlite_where=sa.text('done_ms IS NULL'), postgresql_where=sa.text('done_ms IS NULL'))

    with op.batch_alter_table('live_learner', schema=None) as batch_op:
        batch_op.add_column(sa.Column('language', sa.String(length=8), server_default='zh_CN', nullable=False, comment='in which she signed up, and is written to'))
        batch_op.add_column(sa.Column('site', sa.String(length=200), server_default='', nullable=False, comment='what her browser called this site, for links in mails'))

    with op.batch_alter_table('live_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('revision', sa.Integer(), server_default='0', nullable=False, comment='rises with every change of the plan; calendars keep the newest'))
        batch_op.add_column(sa.Column('ended_by', sa.Enum('presenter', 'abandoned', 'overtime', name='endedby', native_enum=False, length=16), server_default='presenter', nullable=False))

    with op.batch_alter_table('mail', schema=None) as batch_op:
        batch_op.add_column(sa.Column('calendar', sa.Text(), server_default='', nullable=False, comment='an iCalendar object that goes with it; empty: none'))
        batch_op.add_column(sa.Column('unsubscribe', sa.String(length=300), server_default='', nullable=False, comment='address at which one press ends mails of this kind'))
        batch_op.add_column(sa.Column('bulk', sa.Boolean(), server_default=sa.false(), nullable=False, comment='goes out when nothing else waits: many get the same'))
        batch_op.drop_index(batch_op.f('ix_mail_state_due'))
        batch_op.create_index('ix_mail_waiting', ['state', 'bulk', 'due_ms'], unique=False)


def downgrade():
    with op.batch_alter_table('mail', schema=None) as batch_op:
        batch_op.drop_index('ix_mail_waiting')
        batch_op.create_index(batch_op.f('ix_mail_state_due'), ['state', 'due_ms'], unique=False)
        batch_op.drop_column('bulk')
        batch_op.drop_column('unsubscribe')
        batch_op.drop_column('calendar')

    with op.batch_alter_table('live_session', schema=None) as batch_op:
        batch_op.drop_column('ended_by')
        batch_op.drop_column('revision')

    with op.batch_alter_table('live_learner', schema=None) as batch_op:
        batch_op.drop_column('site')
        batch_op.drop_column('language')

    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_unwritten', sqlite_where=sa.text('done_ms IS NULL'), postgresql_where=sa.text('done_ms IS NULL'))
        batch_op.drop_index(batch_op.f('ix_notice_live_id'))

    op.drop_table('notice')
    with op.batch_alter_table('invited', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_invited_user_id'))

    op.drop_table('invited')
    op.drop_table('mail_wishes')
    op.drop_table('calendar_feed')

"""Sessions: modes, drafts, covers, places, series, guests; who presents, who signed up, and tokens

Revision ID: 0005
Revises: 0003

"""
import secrets

from alembic import op
import sqlalchemy as sa


revision = '0005'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('live_learner',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('signed_up_ms', sa.BigInteger(), nullable=True),
    sa.Column('admitted_ms', sa.BigInteger(), nullable=True, comment='by the learner token'),
    sa.Column('reminded_ms', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_live_learner_live_id_live_session')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_live_learner_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_live_learner')),
    sa.UniqueConstraint('live_id', 'user_id', name=op.f('uq_live_learner_live_id'))
    )
    with op.batch_alter_table('live_learner', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_live_learner_user_id'), ['user_id'], unique=False)

    op.create_table('live_presenter',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('part', sa.Enum('teacher', 'assistant', 'learner', name='part', native_enum=False, length=16), nullable=False),
    sa.Column('by_token', sa.Boolean(), nullable=False),
    sa.Column('since_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_live_presenter_live_id_live_session')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_live_presenter_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_live_presenter')),
    sa.UniqueConstraint('live_id', 'user_id', name=op.f('uq_live_presenter_live_id'))
    )
    with op.batch_alter_table('live_presenter', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_live_presenter_user_id'), ['user_id'], unique=False)

    op.create_table('live_token',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('part', sa.Enum('teacher', 'assistant', 'learner', name='part', native_enum=False, length=16), nullable=False),
    sa.Column('value', sa.String(length=15), nullable=False),
    sa.Column('key', sa.String(length=15), nullable=False, comment='the value as `tokens.key_of` compares it'),
    sa.Column('released_ms', sa.BigInteger(), nullable=True, comment='since the lesson is over, cancelled or deleted, others may use the value'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_live_token_live_id_live_session')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_live_token')),
    sa.UniqueConstraint('live_id', 'part', name=op.f('uq_live_token_live_id'))
    )
    with op.batch_alter_table('live_token', schema=None) as batch_op:
        batch_op.create_index('uq_live_token_key', ['key'], unique=True, sqlite_where=sa.text('released_ms IS NULL'), postgresql_where=sa.text('released_ms IS NULL'))

    with op.batch_alter_table('live_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('draft', sa.Boolean(), server_default=sa.false(), nullable=False, comment='only its presenters see it'))
        batch_op.add_column(sa.Column('mode', sa.Enum('lecture_hall', 'small_class', name='livemode', native_enum=False, length=16), server_default='lecture_hall', nullable=False))
        batch_op.add_column(sa.Column('capacity', sa.Integer(), nullable=True, comment='how many learners with an account it has places for'))
        batch_op.add_column(sa.Column('cover', sa.String(length=40), server_default='', nullable=False, comment='name of the picture as `covers` keeps it; empty: none'))
        batch_op.add_column(sa.Column('series_id', sa.String(length=16), nullable=True, comment='those that repeat weekly share it'))
        batch_op.add_column(sa.Column('guests', sa.Boolean(), server_default=sa.true(), nullable=False, comment='the signed link and its QR code let visitors in'))
        batch_op.add_column(sa.Column('guest_link_no', sa.Integer(), server_default='1', nullable=False, comment='rises when the link is reissued; older links are dead'))
        batch_op.add_column(sa.Column('cancel_reason', sa.String(length=300), server_default='', nullable=False))
        batch_op.add_column(sa.Column('recording_policy', sa.Enum('from_start', 'by_hand', 'never', name='recordingpolicy', native_enum=False, length=16), server_default='from_start', nullable=False))
        batch_op.create_index(batch_op.f('ix_live_session_series_id'), ['series_id'], unique=False)
        batch_op.create_index('ix_live_session_start', ['starts_at_ms'], unique=False)
    give_tokens(op.get_bind())
    # lessons that were not to be recorded from the start keep that, and their forms show it
    op.execute(sa.text("UPDATE live_session SET recording_policy = 'by_hand' WHERE NOT recording"))


def give_tokens(connection):
    """Give sessions that are not over the tokens that new ones get."""
    open_ones = sa.text("SELECT id FROM live_session WHERE state <> 'ended' AND deleted_ms IS NULL")
    new = sa.text("INSERT INTO live_token (live_id, part, value, key) VALUES (:live_id, :part, :value, :key)")
    for (live_id,) in connection.execute(open_ones).all():
        for part in ("teacher", "assistant", "learner"):
            value = "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTUVWXYZ") for _ in range(8))
            connection.execute(new, {"live_id": live_id, "part": part, "value": value, "key": value.lower()})


def downgrade():
    with op.batch_alter_table('live_session', schema=None) as batch_op:
        batch_op.drop_index('ix_live_session_start')
        batch_op.drop_index(batch_op.f('ix_live_session_series_id'))
        batch_op.drop_column('recording_policy')
        batch_op.drop_column('cancel_reason')
        batch_op.drop_column('guest_link_no')
        batch_op.drop_column('guests')
        batch_op.drop_column('series_id')
        batch_op.drop_column('cover')
        batch_op.drop_column('capacity')
        batch_op.drop_column('mode')
        batch_op.drop_column('draft')

    with op.batch_alter_table('live_token', schema=None) as batch_op:
        batch_op.drop_index('uq_live_token_key', sqlite_where=sa.text('released_ms IS NULL'), postgresql_where=sa.text('released_ms IS NULL'))

    op.drop_table('live_token')
    with op.batch_alter_table('live_presenter', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_live_presenter_user_id'))

    op.drop_table('live_presenter')
    with op.batch_alter_table('live_learner', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_live_learner_user_id'))

    op.drop_table('live_learner')

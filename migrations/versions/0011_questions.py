"""Questions and answers

Revision ID: 0011
Revises: 0010

"""
from alembic import op
import sqlalchemy as sa


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('classroom_question',
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False, comment='of its event in the timeline'),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('by_key', sa.String(length=40), nullable=False, comment='of the person, see hub.Person'),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('by_name', sa.String(length=80), nullable=False),
    sa.Column('part', sa.String(length=16), nullable=False, comment='teacher, assistant, learner or guest, when it was asked'),
    sa.Column('anonymous', sa.Boolean(), nullable=False, comment='learners do not see who asked'),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('nonce', sa.String(length=36), nullable=False, comment="the page's own name for it: sent twice, it is asked once"),
    sa.Column('state', sa.Enum('open', 'being_answered', 'answered', 'dismissed', name='state', native_enum=False, length=16), nullable=False),
    sa.Column('public_ms', sa.BigInteger(), nullable=True, comment='公开 since then; none: waits for the desk'),
    sa.Column('votes', sa.Integer(), nullable=False),
    sa.Column('votes_told', sa.Integer(), nullable=False, comment='as the timeline last said'),
    sa.Column('taken_ms', sa.BigInteger(), nullable=True, comment='正在回答 since then'),
    sa.Column('answer', sa.Text(), nullable=False, comment='in writing'),
    sa.Column('answered_by', sa.String(length=80), nullable=False, comment='name of who wrote the answer'),
    sa.Column('voiced_ms', sa.BigInteger(), nullable=True, comment='口头回答: when the answer began'),
    sa.Column('gone_ms', sa.BigInteger(), nullable=True, comment='withdrawn since then'),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_classroom_question_by_id_user_account'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_classroom_question_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('live_id', 'id', name=op.f('pk_classroom_question')),
    sa.UniqueConstraint('live_id', 'by_key', 'nonce', name=op.f('uq_classroom_question_live_id'))
    )
    with op.batch_alter_table('classroom_question', schema=None) as batch_op:
        batch_op.create_index('ix_classroom_question_votes', ['live_id'], unique=False, sqlite_where=sa.text('votes <> votes_told'), postgresql_where=sa.text('votes <> votes_told'))

    op.create_table('classroom_question_rules',
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('moderated', sa.Boolean(), nullable=False, comment='the desk looks at each one first'),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_classroom_question_rules_live_id_live_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('live_id', name=op.f('pk_classroom_question_rules'))
    )
    op.create_table('classroom_question_vote',
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('question_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False, comment='of the person, see hub.Person'),
    sa.ForeignKeyConstraint(['live_id', 'question_id'], ['classroom_question.live_id', 'classroom_question.id'], name=op.f('fk_classroom_question_vote_live_id_classroom_question'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('live_id', 'question_id', 'key', name=op.f('pk_classroom_question_vote'))
    )
    with op.batch_alter_table('classroom_question_vote', schema=None) as batch_op:
        batch_op.create_index('ix_classroom_question_vote_key', ['live_id', 'key'], unique=False)


def downgrade():
    with op.batch_alter_table('classroom_question_vote', schema=None) as batch_op:
        batch_op.drop_index('ix_classroom_question_vote_key')

    op.drop_table('classroom_question_vote')
    op.drop_table('classroom_question_rules')
    with op.batch_alter_table('classroom_question', schema=None) as batch_op:
        batch_op.drop_index('ix_classroom_question_votes', sqlite_where=sa.text('votes <> votes_told'), postgresql_where=sa.text('votes <> votes_told'))

    op.drop_table('classroom_question')

"""Rules of learning hours, and which lesson is a copy of which

Revision ID: 0026
Revises: 0025
"""

from alembic import op
import sqlalchemy as sa


revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

KEPT_FOR_GOOD = ('credits_rule', 'credits_rule_withdrawal', 'credits_terms')


def upgrade():
    op.create_table('credits_rule',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False, comment='it holds here, and beneath where none is made'),
    sa.Column('valid_from_ms', sa.BigInteger(), nullable=False, comment='for lessons that begin then or later'),
    sa.Column('body', sa.Text(), nullable=False, comment='as Rule.to_json writes it; empty: the rule of the unit above'),
    sa.Column('note', sa.String(length=200), nullable=False, comment='why it was made, for those who manage'),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('made_ms', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_credits_rule_by_id_user_account')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_credits_rule_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credits_rule'))
    )
    op.create_index('ix_credits_rule_unit_valid', 'credits_rule', ['unit_id', 'valid_from_ms'])

    op.create_table('credits_rule_withdrawal',
    sa.Column('rule_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_credits_rule_withdrawal_by_id_user_account')),
    sa.ForeignKeyConstraint(['rule_id'], ['credits_rule.id'], name=op.f('fk_credits_rule_withdrawal_rule_id_credits_rule')),
    sa.PrimaryKeyConstraint('rule_id', name=op.f('pk_credits_rule_withdrawal'))
    )

    op.create_table('credits_terms',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('live_id', sa.String(length=16), nullable=False),
    sa.Column('category', sa.String(length=40), nullable=False, comment='see categories; empty: none'),
    sa.Column('fixed_hundredths', sa.Integer(), nullable=True, comment='hundredths of learning hours; none: as the rule says'),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('made_ms', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_credits_terms_by_id_user_account')),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_credits_terms_live_id_live_session')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credits_terms'))
    )
    op.create_index(op.f('ix_credits_terms_live_id'), 'credits_terms', ['live_id'])

    op.create_table('credits_category',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('retired_ms', sa.BigInteger(), nullable=True, comment='since then no lesson is given it'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credits_category')),
    sa.UniqueConstraint('name', name=op.f('uq_credits_category_name'))
    )

    name_originals()

    for table in KEPT_FOR_GOOD:
        keep_for_good(table)


def name_originals():
    """SQLite would make the whole table anew for a foreign key, and its partial indices with it."""
    if op.get_bind().dialect.name == 'sqlite':
        op.execute('ALTER TABLE live_session ADD COLUMN original_id VARCHAR(16) REFERENCES live_session (id)')
    else:
        op.add_column('live_session', sa.Column('original_id', sa.String(length=16), nullable=True, comment='the first of those that were duplicated from one another'))
        op.create_foreign_key(op.f('fk_live_session_original_id_live_session'), 'live_session', 'live_session', ['original_id'], ['id'])
    op.create_index(op.f('ix_live_session_original_id'), 'live_session', ['original_id'])


def keep_for_good(table):
    """Let the database refuse every change and removal of a row."""
    sentence = f'{table} is append-only'
    if op.get_bind().dialect.name == 'sqlite':
        for verb in ('UPDATE', 'DELETE'):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_stays() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{sentence}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_stays()"
    )


def downgrade():
    connection = op.get_bind()
    if connection.scalar(sa.text("SELECT count(*) FROM credits_rule")):
        raise RuntimeError("rules of learning hours are not thrown away: restore the backup of the data instead")
    op.drop_index(op.f('ix_live_session_original_id'), table_name='live_session')
    if connection.dialect.name != 'sqlite':
        op.drop_constraint(op.f('fk_live_session_original_id_live_session'), 'live_session', type_='foreignkey')
    op.drop_column('live_session', 'original_id')
    for table in ('credits_category', 'credits_terms', 'credits_rule_withdrawal', 'credits_rule'):
        op.drop_table(table)
    if connection.dialect.name == 'postgresql':
        for table in KEPT_FOR_GOOD:
            op.execute(f'DROP FUNCTION {table}_stays()')

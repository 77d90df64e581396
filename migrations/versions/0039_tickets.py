"""Tickets

Revision ID: 0039
Revises: 0038

"""
from alembic import op
import sqlalchemy as sa


revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('support_ticket',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=32), nullable=False, comment='opens it for an asker without account'),
    sa.Column('user_id', sa.Integer(), nullable=True, comment='none: asked without an account'),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False, comment='where answers go; empty: on the page only'),
    sa.Column('unit_id', sa.Integer(), nullable=False, comment='whose people answer it'),
    sa.Column('at_platform', sa.Boolean(), nullable=False, comment="handed over to the academy's people"),
    sa.Column('live_id', sa.String(length=16), nullable=True),
    sa.Column('subject', sa.String(length=100), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('priority', sa.String(length=16), nullable=False),
    sa.Column('assignee_id', sa.Integer(), nullable=True),
    sa.Column('language', sa.String(length=8), nullable=False, comment='in which the asker gets mail'),
    sa.Column('page', sa.String(length=300), nullable=False, comment='path of the page on which it happened'),
    sa.Column('browser', sa.String(length=300), nullable=False),
    sa.Column('facts', sa.Text(), nullable=False, comment="diagnostics, with the asker's consent"),
    sa.Column('opened_ms', sa.BigInteger(), nullable=False),
    sa.Column('changed_ms', sa.BigInteger(), nullable=False),
    sa.Column('confirmed_ms', sa.BigInteger(), nullable=True, comment='none: the asker has not opened the link in the mail, and nobody reads it'),
    sa.Column('answered_ms', sa.BigInteger(), nullable=True, comment='first answer'),
    sa.Column('solved_ms', sa.BigInteger(), nullable=True, comment='last time it was solved'),
    sa.Column('rating', sa.Integer(), nullable=True, comment='1 to 5, by the asker'),
    sa.Column('merged_into_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['assignee_id'], ['user_account.id'], name=op.f('fk_support_ticket_assignee_id_user_account')),
    sa.ForeignKeyConstraint(['live_id'], ['live_session.id'], name=op.f('fk_support_ticket_live_id_live_session'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['merged_into_id'], ['support_ticket.id'], name=op.f('fk_support_ticket_merged_into_id_support_ticket')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_support_ticket_unit_id_unit')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_support_ticket_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_support_ticket')),
    sa.UniqueConstraint('key', name=op.f('uq_support_ticket_key'))
    )
    op.create_index(op.f('ix_support_ticket_user_id'), 'support_ticket', ['user_id'])
    op.create_index(op.f('ix_support_ticket_merged_into_id'), 'support_ticket', ['merged_into_id'])
    op.create_index('ix_support_ticket_state_changed', 'support_ticket', ['state', 'changed_ms'])
    op.create_index('ix_support_ticket_unit_opened', 'support_ticket', ['unit_id', 'opened_ms'])
    op.create_table('support_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True, comment='none: the asker without an account, or the service'),
    sa.Column('by_asker', sa.Boolean(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('about', sa.String(length=100), nullable=False, comment='the new state, assignee, rank or number'),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('message_id', sa.String(length=250), nullable=True, comment='of the mail that brought it, so that it is taken once'),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_support_entry_by_id_user_account')),
    sa.ForeignKeyConstraint(['ticket_id'], ['support_ticket.id'], name=op.f('fk_support_entry_ticket_id_support_ticket'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_support_entry')),
    sa.UniqueConstraint('message_id', name=op.f('uq_support_entry_message_id'))
    )
    op.create_index(op.f('ix_support_entry_ticket_id'), 'support_entry', ['ticket_id'])
    op.create_table('support_attachment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False, comment="of its file, in the ticket's folder"),
    sa.Column('title', sa.String(length=120), nullable=False, comment="name that it had on the asker's computer"),
    sa.Column('size_bytes', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['entry_id'], ['support_entry.id'], name=op.f('fk_support_attachment_entry_id_support_entry'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_support_attachment'))
    )
    op.create_index(op.f('ix_support_attachment_entry_id'), 'support_attachment', ['entry_id'])
    op.create_table('support_canned',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_support_canned_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_support_canned'))
    )
    op.create_index(op.f('ix_support_canned_unit_id'), 'support_canned', ['unit_id'])
    let_managers_answer()


def let_managers_answer():
    """Training managers are asked by their people anyway."""
    op.execute(
        "INSERT INTO role_permission (role_id, permission) "
        "SELECT id, 'ticket.answer' FROM role WHERE built_in = 'training_manager' AND NOT EXISTS ("
        "SELECT 1 FROM role_permission WHERE role_id = role.id AND permission = 'ticket.answer')"
    )


def downgrade():
    for table in ('support_canned', 'support_attachment', 'support_entry', 'support_ticket'):
        op.drop_table(table)

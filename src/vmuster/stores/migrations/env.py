"""Run by Alembic: the migrations, on the connection and in the transaction of who called it."""

from alembic import context

from vmuster.stores.sql.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()

"""The SQL store: SQLAlchemy Core, SQLite today, made so that PostgreSQL is one more dialect."""

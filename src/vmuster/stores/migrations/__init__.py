"""The migrations of the SQL store's schema, in `versions/`, run by `stores/sql/migrate.py`."""

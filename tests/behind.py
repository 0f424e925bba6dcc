"""A database file, past the store: what somebody does to it behind our back, and what is in it."""

import sqlite3
from contextlib import closing
from pathlib import Path


def run(path: Path, *statements: str) -> None:
    """Do something to a database behind our back."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def asked(path: Path, question: str) -> object:
    """One answer from a database."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(question).fetchone()[0]

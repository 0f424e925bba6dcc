"""What goes to the database is counted by table, and what only frames it is not."""

from sqlalchemy import create_engine, text

from bench.counting import counting


def test_statements_are_counted_by_table_and_commits_that_wrote() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE host (id INTEGER)"))
    with counting() as counts:
        with engine.begin() as connection:
            connection.execute(text("SELECT id FROM host")).all()
        with engine.begin() as connection:
            with connection.begin_nested():
                connection.execute(text("INSERT INTO host VALUES (:id)"), [{"id": 1}, {"id": 2}])
            connection.execute(text("UPDATE host SET id = 3"))
            connection.execute(text("PRAGMA user_version"))
    assert counts.statements == {"host": 3}
    assert counts.most == 3
    assert counts.commits == 1
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM host"))
    assert counts.statements == {"host": 3}


def test_of_nothing_nothing_is_counted() -> None:
    with counting() as counts:
        pass
    assert (counts.statements.total(), counts.most, counts.commits) == (0, 0, 0)

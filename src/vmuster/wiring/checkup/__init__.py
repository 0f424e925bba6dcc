"""The facts for the doctor that lie outside the database, and a look where no server runs."""

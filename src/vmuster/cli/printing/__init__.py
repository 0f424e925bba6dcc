"""How things are printed: forms, columns, tables, and what is told in sentences."""

"""The tables, their sessions and migrations, and every query, one file a table."""

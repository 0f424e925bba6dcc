"""What comes with a request, read: who asks, what is meant, bodies, queries, cursors, tags."""

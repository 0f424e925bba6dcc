"""How the server, and the person at the terminal, are asked."""

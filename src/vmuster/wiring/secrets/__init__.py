"""Files that hold secrets, and what is made of them."""

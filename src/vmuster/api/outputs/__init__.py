"""What goes out: answers, problems, pages, and the document that describes them."""

"""The laws, judged in the true world."""

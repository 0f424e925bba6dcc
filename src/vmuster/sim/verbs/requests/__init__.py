"""What people ask vmuster for, each request under an idempotency key."""

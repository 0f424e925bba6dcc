"""The process that serves: put together, listening, logging, told to stop."""

"""denmark."""

"""debitor."""

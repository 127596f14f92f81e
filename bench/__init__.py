"""What sf2530 costs, side by side with others doing the same work in the same run."""

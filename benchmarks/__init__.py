"""Speed and memory as ratios to a plain reference in the same run: ``make bench``."""

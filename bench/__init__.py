"""Benchmarks: each prints its figures, as ratios to the bare operation in the same run."""

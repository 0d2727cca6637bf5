"""The demo county: an invented year of supervision, entered through the real door.

The county of 沂川, its city, its enterprises and everybody in them are invented; only the policy is
real. ``seed.seed`` plays the year on a ledger whose clock is simulated.
"""

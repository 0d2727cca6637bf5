"""Proof 证明: what lets an outsider check the record with no server and no trust in who runs it.

Everything here is pure: no database, no network, no clock, no configuration.
"""

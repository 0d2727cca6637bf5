"""Tests mirror the code: tests/domain is about domain, tests/house about this repository."""

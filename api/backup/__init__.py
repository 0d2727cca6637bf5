"""Backups 备份 of the database: taken, kept, restored, and proved against what was signed.

The keys, personal and the log's own, are in none of them (decisions.md, 4): a restored database
erases nothing less, and signs no second history.
"""

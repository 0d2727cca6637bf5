"""Importing 导入: ledgers that were kept elsewhere, from a file to the record, and the report."""

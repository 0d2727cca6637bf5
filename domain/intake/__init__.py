"""Intake 导入: reading ledgers that were kept elsewhere, row by row, each oddity explained."""

"""Reminders 提醒: calendar feeds, e-mail and webhooks, all derived from what is owed."""

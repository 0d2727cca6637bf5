"""Structured logs: one JSON object a line on standard error, for the server only."""

from __future__ import annotations

import logging
import sys

import structlog

LOGGERS = ("daocha", "uvicorn.error")


def configure_logs(level: int = logging.INFO) -> None:
    """Let the server's loggers write JSON lines; a command line that talks to people does not.

    Args:
        level: the least severe level that is written.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False

"""Logs: one JSON object a line, with what is bound to the context (run, person); credentials never enter."""

from __future__ import annotations

import structlog
from structlog.stdlib import ProcessorFormatter

_COMMON = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def json_lines() -> ProcessorFormatter:
    """The formatter of the console: our events and the libraries' records alike."""
    return ProcessorFormatter(
        foreign_pre_chain=_COMMON,
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=str),
        ],
    )


def configure() -> None:
    """Route structlog through the standard library's handlers, so that there is one stream."""
    structlog.configure(
        processors=[*_COMMON, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )

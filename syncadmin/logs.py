"""Logs: one JSON object a line, with what is bound to the context (run, person); credentials never enter."""

from __future__ import annotations

import structlog
from structlog.typing import EventDict, WrappedLogger

_PROCESSORS = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]
_to_json = structlog.processors.JSONRenderer(default=str)


def render(logger: WrappedLogger, name: str, event: EventDict) -> str:
    """The last step of the console formatter: an event as one line of JSON."""
    for processor in _PROCESSORS:
        event = processor(logger, name, event)
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    return str(_to_json(logger, name, event))


def configure() -> None:
    """Route structlog through the standard library's handlers, so that there is one stream."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )

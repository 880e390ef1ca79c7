"""API calls and limits.

Source: the Limits resource page and recorded replies; over the limit 403, no Retry-After.
"""

from __future__ import annotations

import threading
from typing import Any

from syncadmin.emulator.errors import ApiError

DAILY = 100_000
OTHERS = {
    "ConcurrentAsyncGetReportInstances": 200,
    "ConcurrentSyncReportRuns": 20,
    "DailyAsyncApexExecutions": 250000,
    "DailyBulkApiBatches": 15000,
    "DailyBulkV2QueryFileStorageMB": 976562,
    "DailyBulkV2QueryJobs": 10000,
    "DailyStandardVolumePlatformEvents": 10000,
    "DailyStreamingApiEvents": 10000,
    "DailyWorkflowEmails": 390,
    "DataStorageMB": 1024,
    "FileStorageMB": 1024,
    "HourlyAsyncReportRuns": 1200,
    "HourlySyncReportRuns": 500,
    "HourlyTimeBasedWorkflow": 50,
    "MassEmail": 10,
    "SingleEmail": 15,
}


class Limits:
    """Counts the calls of the last 24 hours; here: since the start or the last setting."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.maximum, self.used = DAILY, 0

    def spend(self, calls: int = 1) -> None:
        """Count a call; REQUEST_LIMIT_EXCEEDED if none is left."""
        with self._lock:
            if self.used + calls > self.maximum:
                raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
            self.used += calls

    @property
    def header(self) -> str:
        """The value of Sforce-Limit-Info."""
        return f"api-usage={self.used}/{self.maximum}"

    def set(self, spec: dict[str, Any]) -> None:
        """`{"DailyApiRequests": {"Max": 100, "Remaining": 3}}`."""
        daily = spec.get("DailyApiRequests", {})
        with self._lock:
            self.maximum = int(daily.get("Max", self.maximum))
            if "Remaining" in daily:
                self.used = max(0, self.maximum - int(daily["Remaining"]))

    def reset(self) -> None:
        """As at the start."""
        self.maximum, self.used = DAILY, 0

    def body(self) -> dict[str, Any]:
        """The reply of the Limits resource."""
        limits = {name: {"Max": value, "Remaining": value} for name, value in OTHERS.items()}
        limits["DailyApiRequests"] = {"Max": self.maximum, "Remaining": max(0, self.maximum - self.used)}
        return dict(sorted(limits.items()))

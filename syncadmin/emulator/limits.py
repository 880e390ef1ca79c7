"""API calls and limits.

Source: the Limits resource page and recorded replies (v56); over the limit 403, no Retry-After (quoted). Calls
are those of the last 24 hours by the org's clock. What counts: every answered data call is one, and so is a
composite, a graph, a tree or a collection; a batch is as many as it has requests (documented). What doesn't:
logins, the list of versions, calls refused for their token or for the limit, and (from memory) the list of a
version's resources.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from syncadmin.emulator.concurrency import LongCalls
from syncadmin.emulator.errors import ApiError

DAILY = 100_000
WINDOW, STEP = timedelta(hours=24), timedelta(minutes=1)
OTHERS = {
    "AnalyticsExternalDataSizeMB": 40960,
    "ConcurrentAsyncGetReportInstances": 200,
    "ConcurrentEinsteinDataInsightsStoryCreation": 5,
    "ConcurrentEinsteinDiscoveryStoryCreation": 2,
    "ConcurrentSyncReportRuns": 20,
    "DailyAnalyticsDataflowJobExecutions": 60,
    "DailyAnalyticsUploadedFilesSizeMB": 51200,
    "DailyAsyncApexExecutions": 250000,
    "DailyAsyncApexTests": 500,
    "DailyBulkApiBatches": 15000,
    "DailyBulkV2QueryFileStorageMB": 976562,
    "DailyBulkV2QueryJobs": 10000,
    "DailyDeliveredPlatformEvents": 10000,
    "DailyDurableGenericStreamingApiEvents": 10000,
    "DailyDurableStreamingApiEvents": 10000,
    "DailyEinsteinDataInsightsStoryCreation": 1000,
    "DailyEinsteinDiscoveryPredictAPICalls": 50000,
    "DailyEinsteinDiscoveryPredictionsByCDC": 5000000,
    "DailyEinsteinDiscoveryStoryCreation": 100,
    "DailyFunctionsApiCallLimit": 235000,
    "DailyGenericStreamingApiEvents": 10000,
    "DailyScratchOrgs": 6,
    "DailyStandardVolumePlatformEvents": 10000,
    "DailyStreamingApiEvents": 10000,
    "DailyWorkflowEmails": 390,
    "DataStorageMB": 1024,
    "DurableStreamingApiConcurrentClients": 20,
    "FileStorageMB": 1024,
    "HourlyAsyncReportRuns": 1200,
    "HourlyDashboardRefreshes": 200,
    "HourlyDashboardResults": 5000,
    "HourlyDashboardStatuses": 999999999,
    "HourlyLongTermIdMapping": 100000,
    "HourlyManagedContentPublicRequests": 50000,
    "HourlyODataCallout": 10000,
    "HourlyPublishedPlatformEvents": 50000,
    "HourlyPublishedStandardVolumePlatformEvents": 1000,
    "HourlyShortTermIdMapping": 100000,
    "HourlySyncReportRuns": 500,
    "HourlyTimeBasedWorkflow": 50,
    "MassEmail": 10,
    "MonthlyEinsteinDiscoveryStoryCreation": 500,
    "MonthlyPlatformEventsUsageEntitlement": 300000,
    "Package2VersionCreates": 6,
    "Package2VersionCreatesWithoutValidation": 500,
    "PermissionSets": 1500,
    "PrivateConnectOutboundCalloutHourlyLimitMB": 0,
    "SingleEmail": 15,
    "StreamingApiConcurrentClients": 20,
}
CUSTOM_PERMISSION_SETS = 1000
CALLS, CONCURRENT = "DailyApiRequests", "ConcurrentApiRequests"


class Limits:
    """Counts the calls of the last 24 hours. now: the org's clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now, self._lock = now, threading.Lock()
        self._calls: deque[tuple[datetime, int]] = deque()
        self._counted = 0
        self._others: dict[str, dict[str, int]] = {}
        self.maximum = DAILY
        self.long_calls = LongCalls()

    def spend(self, calls: int = 1) -> None:
        """Count calls; REQUEST_LIMIT_EXCEEDED if they aren't left, or too many long ones run."""
        self.long_calls.check()
        now = self._now()
        with self._lock:
            self._forget(now)
            if self._counted + calls > self.maximum:
                raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
            self._add(now, calls)

    def _add(self, now: datetime, calls: int) -> None:
        self._counted += calls
        if self._calls and abs(now - self._calls[-1][0]) < STEP:
            start, before = self._calls.pop()
            self._calls.append((start, before + calls))
        else:
            self._calls.append((now, calls))

    def _forget(self, now: datetime) -> None:
        """Leave out what is older than 24 hours."""
        while self._calls and self._calls[0][0] <= now - WINDOW:
            self._counted -= self._calls.popleft()[1]

    @property
    def used(self) -> int:
        """The calls of the last 24 hours."""
        with self._lock:
            self._forget(self._now())
            return self._counted

    @property
    def header(self) -> str:
        """The value of Sforce-Limit-Info."""
        return f"api-usage={self.used}/{self.maximum}"

    def use(self, name: str, amount: int = 1) -> None:
        """Count something else than a call, such as a DailyBulkApiBatches; it never falls below 0."""
        with self._lock:
            entry = self._entry(name)
            entry["Remaining"] = max(0, entry["Remaining"] - amount)

    def remaining(self, name: str) -> int:
        """How much is left of it."""
        with self._lock:
            return self._entry(name)["Remaining"]

    def _entry(self, name: str) -> dict[str, int]:
        if name not in OTHERS:
            raise ValueError(f"unknown limit: {name}")
        return self._others.setdefault(name, {"Max": OTHERS[name], "Remaining": OTHERS[name]})

    def set(self, spec: dict[str, Any]) -> None:
        """`{"DailyApiRequests": {"Max": 100, "Remaining": 3}}`, or any other limit by its name.

        `{"ConcurrentApiRequests": {"Max": 1, "Seconds": 0.2}}`: how many calls may take that long at once.
        ValueError for a name that isn't one.
        """
        for name, given in spec.items():
            if name == CALLS:
                self._set_calls(given)
            elif name == CONCURRENT:
                self.long_calls.most = int(given.get("Max", self.long_calls.most))
                self.long_calls.seconds = float(given.get("Seconds", self.long_calls.seconds))
            else:
                with self._lock:
                    entry = self._entry(name)
                    entry |= {key: int(given[key]) for key in ("Max", "Remaining") if key in given}

    def _set_calls(self, given: dict[str, Any]) -> None:
        with self._lock:
            self.maximum = int(given.get("Max", self.maximum))
            if "Remaining" in given:
                self._calls.clear()
                self._counted = 0
                self._add(self._now(), max(0, self.maximum - int(given["Remaining"])))

    def reset(self) -> None:
        """As at the start."""
        with self._lock:
            self._calls.clear()
            self._others.clear()
            self.maximum, self._counted = DAILY, 0
        self.long_calls.reset()

    def body(self) -> dict[str, Any]:
        """The reply of the Limits resource."""
        with self._lock:
            limits: dict[str, Any] = {name: dict(self._entry(name)) for name in OTHERS}
        custom = {"Max": CUSTOM_PERMISSION_SETS, "Remaining": CUSTOM_PERMISSION_SETS}
        limits["PermissionSets"]["CreateCustom"] = custom
        limits[CALLS] = {"Max": self.maximum, "Remaining": max(0, self.maximum - self.used)}
        return dict(sorted(limits.items()))

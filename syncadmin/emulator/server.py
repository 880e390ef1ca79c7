"""HTTP: HTTP/1.1 with kept connections, chunked bodies, gzip if asked, a thread for each connection."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from contextlib import nullcontext, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from syncadmin.emulator.bodies import read_body
from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.faults import Fault
from syncadmin.emulator.org import Org
from syncadmin.emulator.routes import dispatch
from syncadmin.emulator.soap import route as soap
from syncadmin.emulator.wire import Request, Response

HTML = (
    "<html><head><title>{0} Service Unavailable</title></head><body><h1>Service Unavailable</h1>"
    "<p>The server is temporarily unable to service your request.</p></body></html>"
)
WORTH_PACKING = 2048
NO_BODY = (204, 304)
LONGEST_URI = LONGEST_HEAD = 16_384
LINGER_SECONDS, LINGER_BYTES, LARGE_PIECE = 2.0, 300 * 1024 * 1024, 1 << 20
RESET = "/emulator/reset"


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "sfdcedge"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    server: _Server

    def _serve(self) -> None:
        """Answer one request, and write it down."""
        org = self.server.org
        request = self._read()
        fault = None if _is_own(request) else org.faults.take(request.method, request.path)
        with org.limits.long_calls.running():
            if fault:
                _begin(org, request, fault)
            # A reset waits until all other requests are through, and would wait for itself.
            with nullcontext() if request.path.lower().startswith(RESET) else org.gate.shared():
                response = self._answer(org, request, fault)
        if response is None or (fault and fault.drop == "after"):
            self._cut()
        else:
            self._send(request, response, fault)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = _serve

    def _read(self) -> Request:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        base = f"http://{headers.get('host', self.server.host)}"
        request = Request(self.command, path, query, headers, b"", base)
        try:
            request.body = read_body(self.rfile, path, headers)
        except ApiError as error:
            request.refusal = error
        return request

    def _answer(self, org: Org, request: Request, fault: Fault | None) -> Response | None:
        """The reply, written down in the log; None if the connection is lost before there is one."""
        org.state.settle()
        lost = fault is not None and fault.drop == "before"
        response = None if lost else self._respond(org, request, fault)
        if not _is_own(request):
            org.log.add(org.state.clock.now(), request, response.status if response else 0)
        return response

    def _respond(self, org: Org, request: Request, fault: Fault | None) -> Response:
        if len(self.path) > LONGEST_URI:
            return Response(414, "<h1>414 URI Too Long</h1>", content_type="text/html;charset=UTF-8")
        if len(self.requestline) + len(str(self.headers)) > LONGEST_HEAD:
            text = "<h1>431 Request Header Fields Too Large</h1>"
            return Response(431, text, content_type="text/html;charset=UTF-8")
        if request.refusal:
            return Response(request.refusal.status, request.refusal.body(), {"Connection": "close"})
        if fault is None:
            return _safely(org, request)
        if fault.error_code and not (fault.per_record and _writes(request)):
            status, text = fault.answer()
            if request.path.lower().startswith("/services/oauth2/"):  # OAuth has a form of its own
                return Response(status, {"error": fault.error_code, "error_description": text})
            fields: list[str] | None = [] if fault.per_record else None
            return soap.refused(request, ApiError(status, fault.error_code, text, fields))
        if fault.status and not fault.error_code:
            return Response(fault.status, HTML.format(fault.status), content_type="text/html;charset=UTF-8")
        request.fault = fault
        return _safely(org, request)

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, request: Request, response: Response, fault: Fault | None) -> None:
        body = b"" if response.status in NO_BODY else response.encoded()
        if fault and fault.cut_body >= 0:
            body = body[: fault.cut_body]
        if len(body) > WORTH_PACKING and "gzip" in request.headers.get("accept-encoding", ""):
            body = gzip.compress(body, 1, mtime=0)
            response.headers["Content-Encoding"] = "gzip"
        self.send_response_only(response.status)
        for name, value in (self._headers(request, response) | response.headers).items():
            self.send_header(name, value)
        if body:
            self.send_header("Content-Type", response.content_type)
        if response.status not in NO_BODY:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._write(request, body, fault)

    def _write(self, request: Request, body: bytes, fault: Fault | None) -> None:
        cut = fault is not None and fault.truncate >= 0
        if request.method != "HEAD":
            self.wfile.write(body[: fault.truncate] if fault and cut else body)
        self.wfile.flush()
        if cut:
            self._cut()
        if request.refusal:
            self._linger()

    def _linger(self) -> None:
        """Let a client finish a body that nobody reads, so that it comes to read the refusal; then hang up."""
        self.close_connection = True
        self.connection.settimeout(LINGER_SECONDS)
        left = LINGER_BYTES
        with suppress(OSError):
            while left > 0 and (piece := self.rfile.read1(LARGE_PIECE)):
                left -= len(piece)

    def _headers(self, request: Request, response: Response) -> dict[str, str]:
        """Headers of every reply; data calls also say how much of the limit is used (recorded), except
        those that failed before they were counted.
        """
        org = self.server.org
        headers = {
            "Date": org.state.clock.http_date(),
            "Server": "sfdcedge",
            "Vary": "Accept-Encoding",
            "Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private",
            "X-Request-Id": uuid4().hex,
        }
        if (
            request.path.lower().startswith("/services/data/v")
            and response.status < 500
            and response.status != 401
        ):
            headers["Sforce-Limit-Info"] = org.limits.header
        return headers

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are in /emulator/requests, not on the terminal."""


def _is_own(request: Request) -> bool:
    """Whether it is for the emulator and its pages: no faults, and nothing to write down."""
    return not request.path.lower().startswith(("/services/", "/id/"))


def _begin(org: Org, request: Request, fault: Fault) -> None:
    """What a fault does before the call is looked at."""
    if fault.delay_ms:
        time.sleep(fault.delay_ms / 1000)
    if fault.expire_at_call:
        org.sessions.expire(request.headers.get("authorization", "").partition(" ")[2].strip() or None)


def _writes(request: Request) -> bool:
    """Whether the request is one whose records, rather than the whole of it, a record's error code
    refuses.
    """
    path = request.path.lower()
    return request.method != "GET" and ("/composite" in path or "/services/soap/" in path)


def _safely(org: Org, request: Request) -> Response:
    try:
        return dispatch(org, request)
    except Exception as error:
        text = f"An unexpected error occurred in the emulator: {error.__class__.__name__}: {error}"
        return Response(500, ApiError(500, "UNKNOWN_EXCEPTION", text).body())


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], org: Org) -> None:
        super().__init__(address, Handler)
        self.org, self._connections = org, set[Any]()
        self.host = f"{address[0]}:{self.server_address[1]}"

    def server_bind(self) -> None:
        """Bind without looking the host's name up, which may take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, to be able to end it."""
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget it."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Take no more requests on kept connections; those that have come are still answered."""
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RD)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are nothing to report."""


class EmulatorServer:
    """The emulator inside this process: `with EmulatorServer(seed="empty") as emulator: … emulator.url`."""

    def __init__(
        self, seed: str | int = "demo", data: str | Path | None = None, port: int = 0, host: str = "127.0.0.1"
    ) -> None:
        self.org = Org(str(seed), data)
        self._server = _Server((host, port), self.org)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://{self._server.host}"

    def fault(self, **fault: Any) -> None:
        """Let something go wrong, in a line: `emulator.fault(status=503, times=1)`; keys as in faults.py."""
        self.org.faults.add(fault)

    def start(self) -> Self:
        """Serve, in a thread of its own."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and close the database."""
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up()
        self._thread.join(timeout=5)
        self.org.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

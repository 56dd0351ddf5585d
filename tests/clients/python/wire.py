"""An HTTP client that remembers each request and the status of its answer.

Both libraries keep quiet about some refusals: a GET stream that is not opened, a DELETE that fails. What they
were answered is seen here, below them.
"""

import asyncio
import json
import logging

import httpx2

# The logger of the transport, and what it says when it comes back for a stream no more.
TRANSPORT = "mcp.client.streamable_http"
GAVE_UP = "Max reconnection attempts"


class Wire:
    """Every exchange in the order of the answers: HTTP method, MCP method or "response" or "resume", status."""

    def __init__(self):
        self.exchanges = []
        self.given_up = asyncio.Event()
        listener = logging.Handler()
        listener.emit = self._overhear
        logger = logging.getLogger(TRANSPORT)
        logger.setLevel(logging.DEBUG)
        logger.addHandler(listener)
        # Not onto the terminal: it says a lot.
        logger.propagate = False

    def _overhear(self, record):
        if record.getMessage().startswith(GAVE_UP):
            self.given_up.set()

    def attach(self, http):
        """Watches an `httpx2.AsyncClient` and returns it."""
        http.event_hooks["response"].append(self._note)
        return http

    async def _note(self, response):
        request = response.request
        body = json.loads(request.content) if request.content else {}
        what = body.get("method") or ("response" if body else None)
        if "last-event-id" in request.headers:
            what = "resume"
        self.exchanges.append([request.method, what, response.status_code])

    def client(self, headers=None, timeout=None, auth=None, **options):
        """What `fastmcp` calls to get its HTTP client, and what we hand to `mcp`."""
        # The libraries' own: 30 seconds to connect, 5 minutes without a byte of a stream.
        timeout = timeout or httpx2.Timeout(30.0, read=300.0)
        return self.attach(httpx2.AsyncClient(headers=headers, timeout=timeout, auth=auth, **options))

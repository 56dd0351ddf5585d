"""A person at each library: connecting, calling, and answering questions, in the library's own words."""

from contextlib import asynccontextmanager

import fastmcp
import mcp
from fastmcp.client.elicitation import ElicitResult
from fastmcp.client.transports import StreamableHttpTransport
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import ElicitResult as PlainElicitResult

WORD = "vermilion"


class Person:
    """What a step works with. `accepting` is how the next question is answered; `asked` is what was asked."""

    def __init__(self, wire):
        self.wire = wire
        self.accepting = True
        self.asked = []
        self.client = None

    async def echo(self, text):
        """The call that shows a connection is usable."""
        return words(await self.call("echo", {"text": text}))


class McpPerson(Person):
    """`mcp.Client`, the official SDK."""

    @asynccontextmanager
    async def connected(self, url, token, era):
        headers = {"authorization": f"Bearer {token}"}
        async with self._transport(url, headers) as transport:
            async with mcp.Client(transport, mode=era, elicitation_callback=self._answer) as client:
                self.client = client
                yield self

    @asynccontextmanager
    async def _transport(self, url, headers):
        async with self.wire.client(headers=headers) as http:
            yield streamable_http_client(url, http_client=http)

    async def revision(self):
        return self.client.protocol_version

    async def tools(self):
        return [tool.name for tool in (await self.client.list_tools()).tools]

    async def call(self, name, arguments, progress=None):
        return await self.client.call_tool(name, arguments, progress_callback=progress)

    async def _answer(self, _context, params):
        self.asked.append(params.message)
        if not self.accepting:
            return PlainElicitResult(action="decline")
        fields = params.requested_schema["properties"]
        return PlainElicitResult(action="accept", content={name: WORD for name in fields})


class McpSsePerson(McpPerson):
    """The same over HTTP+SSE, the transport of 2024-11-05."""

    @asynccontextmanager
    async def _transport(self, url, headers):
        yield sse_client(url, headers=headers, httpx_client_factory=self.wire.client)


class FastmcpPerson(Person):
    """`fastmcp.Client`, which wraps the official SDK in a manner of its own."""

    @asynccontextmanager
    async def connected(self, url, token, era):
        transport = StreamableHttpTransport(url, auth=token, httpx_client_factory=self.wire.client)
        async with fastmcp.Client(transport, mode=era, elicitation_handler=self._answer) as client:
            self.client = client
            yield self

    async def revision(self):
        return self.client.session.protocol_version

    async def tools(self):
        return [tool.name for tool in await self.client.list_tools()]

    async def call(self, name, arguments, progress=None):
        return await self.client.call_tool(name, arguments, progress_handler=progress, raise_on_error=False)

    async def _answer(self, message, form, _params, _context):
        self.asked.append(message)
        if not self.accepting:
            return ElicitResult(action="decline")
        # `form` is a class that the library makes of our schema: one that it cannot read fails here.
        return form(**{name: WORD for name in form.__dataclass_fields__})


PEOPLE = {"mcp": McpPerson, "mcp-sse": McpSsePerson, "fastmcp": FastmcpPerson}


def words(result):
    """The first text of a tool's result, which may be the text of an error."""
    return next(block.text for block in result.content if block.type == "text")

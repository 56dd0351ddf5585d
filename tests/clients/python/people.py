"""A person at each library: connecting, calling, answering and hearing, in the library's own words."""

import asyncio
from contextlib import asynccontextmanager

import fastmcp
import mcp
import mcp_types as types
from fastmcp.client.elicitation import ElicitResult
from fastmcp.client.transports import StreamableHttpTransport
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

WORD = "vermilion"
ROOTS = ["file:///one", "file:///two"]
# What goes into a field of a form, by its type.
BLANKS = {"string": WORD, "integer": 1, "number": 1.5, "boolean": True}


class Person:
    """What a step works with.

    `action` is how the next question is answered; `asked` is what was asked; `heard` is what was told of changes,
    `logs` what was logged.
    """

    def __init__(self, wire):
        self.wire = wire
        self.action = "accept"
        self.asked = []
        self.heard = []
        self.logs = []
        self._news = asyncio.Condition()
        self.client = None

    # Whether the library comes back for a stream that broke off.
    resumes = True

    @property
    def has_session(self):
        return self.client.session.protocol_version < "2026"

    async def revision(self):
        return self.client.session.protocol_version

    async def capabilities(self):
        return self.client.server_capabilities.model_dump(by_alias=True, exclude_none=True)

    async def echo(self, text):
        """The call that shows a connection is usable."""
        return words(await self.call("echo", {"text": text}))

    async def subscribe(self, uri):
        await self.client.session.subscribe_resource(uri)

    async def hears(self, what):
        """Waits until it is told that; the step's own time is the limit."""
        async with self._news:
            await self._news.wait_for(lambda: what in self.heard)
            self.heard.remove(what)
        return what

    async def logged(self, count):
        """Waits for as many, and forgets them."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.logs) >= count)
            logs, self.logs = self.logs, []
        return logs

    async def _hear(self, message):
        """Any notification; those of calls have handlers of their own."""
        told = {
            types.ResourceUpdatedNotification: lambda: message.params.uri,
            types.ToolListChangedNotification: lambda: "tools",
            types.PromptListChangedNotification: lambda: "prompts",
        }.get(type(message))
        if told:
            await self._note(self.heard, str(told()))

    async def _log(self, message):
        await self._note(self.logs, [message.level, message.data])

    async def _note(self, where, what):
        async with self._news:
            where.append(what)
            self._news.notify_all()


class McpPerson(Person):
    """`mcp.Client`, the official SDK."""

    @asynccontextmanager
    async def connected(self, url, token, era):
        headers = {"authorization": f"Bearer {token}"} if token else {}
        async with self._transport(url, headers) as transport:
            async with mcp.Client(
                transport,
                mode=era,
                elicitation_callback=self._answer,
                sampling_callback=self._sample,
                list_roots_callback=self._roots,
                logging_callback=self._log,
                message_handler=self._hear,
            ) as client:
                self.client = client
                yield self

    @asynccontextmanager
    async def _transport(self, url, headers):
        async with self.wire.client(headers=headers) as http:
            yield streamable_http_client(url, http_client=http)

    async def tools(self):
        return [tool.name for tool in (await self.client.list_tools()).tools]

    async def prompts(self):
        return [prompt.name for prompt in (await self.client.list_prompts()).prompts]

    async def resources(self):
        return [str(resource.uri) for resource in (await self.client.list_resources()).resources]

    async def templates(self):
        listed = await self.client.list_resource_templates()
        return [template.uri_template for template in listed.resource_templates]

    async def call(self, name, arguments, progress=None, meta=None):
        return await self.client.call_tool(name, arguments, progress_callback=progress, meta=meta)

    async def prompt(self, name, arguments=None):
        return (await self.client.get_prompt(name, arguments)).messages

    async def read(self, uri):
        return (await self.client.read_resource(uri)).contents[0]

    async def complete(self, prompt, name, value):
        ref = types.PromptReference(name=prompt)
        return (await self.client.complete(ref, {"name": name, "value": value})).completion.values

    async def log_from(self, level):
        await self.client.set_logging_level(level)

    @asynccontextmanager
    async def listening(self, **wanted):
        async with self.client.listen(**wanted) as subscription:
            yield subscription

    async def _answer(self, _context, params):
        self.asked.append(params.message)
        if self.action != "accept":
            return types.ElicitResult(action=self.action)
        return types.ElicitResult(action="accept", content=filled(params.requested_schema))

    async def _sample(self, _context, params):
        content = types.TextContent(type="text", text=said_by_model(params.messages))
        return types.CreateMessageResult(role="assistant", model="a test", content=content)

    async def _roots(self, _context):
        return types.ListRootsResult(roots=[types.Root(uri=uri) for uri in ROOTS])


class McpSsePerson(McpPerson):
    """The same over HTTP+SSE, the transport of 2024-11-05, which has nothing to come back with."""

    resumes = False

    @asynccontextmanager
    async def _transport(self, url, headers):
        yield sse_client(url, headers=headers, httpx_client_factory=self.wire.client)


class FastmcpPerson(Person):
    """`fastmcp.Client`, which wraps the official SDK in a manner of its own. It has no verb to listen."""

    listening = None

    @asynccontextmanager
    async def connected(self, url, token, era):
        transport = StreamableHttpTransport(url, auth=token, httpx_client_factory=self.wire.client)
        async with fastmcp.Client(
            transport,
            mode=era,
            elicitation_handler=self._answer,
            sampling_handler=self._sample,
            roots=ROOTS,
            log_handler=self._log,
            message_handler=self._hear,
        ) as client:
            self.client = client
            yield self

    async def tools(self):
        return [tool.name for tool in await self.client.list_tools()]

    async def prompts(self):
        return [prompt.name for prompt in await self.client.list_prompts()]

    async def resources(self):
        return [str(resource.uri) for resource in await self.client.list_resources()]

    async def templates(self):
        return [template.uri_template for template in await self.client.list_resource_templates()]

    async def call(self, name, arguments, progress=None, meta=None):
        return await self.client.call_tool(name, arguments, progress_handler=progress, raise_on_error=False, meta=meta)

    async def prompt(self, name, arguments=None):
        return (await self.client.get_prompt(name, arguments)).messages

    async def read(self, uri):
        return (await self.client.read_resource(uri))[0]

    async def complete(self, prompt, name, value):
        ref = types.PromptReference(name=prompt)
        return (await self.client.complete(ref, {"name": name, "value": value})).values

    async def log_from(self, level):
        await self.client.set_logging_level(level)

    async def _answer(self, message, form, params, _context):
        self.asked.append(message)
        if self.action != "accept":
            return ElicitResult(action=self.action)
        # `form` is a class that the library makes of our schema: one that it cannot read fails here.
        return form(**filled(params.requested_schema))

    async def _sample(self, messages, _params, _context):
        return said_by_model(messages)


PEOPLE = {"mcp": McpPerson, "mcp-sse": McpSsePerson, "fastmcp": FastmcpPerson}


def words(result):
    """The first text of a tool's result, which may be the text of an error."""
    return next(block.text for block in result.content if block.type == "text")


def filled(schema):
    """A form with something in each field: the first of its choices, or a word of its type."""
    return {name: first_choice(field) or BLANKS[field["type"]] for name, field in schema["properties"].items()}


def first_choice(field):
    """Choices without and with titles; several may be chosen from those of an array's items."""
    if field.get("type") == "array":
        return [first_choice(field["items"])]
    titled = field.get("oneOf") or field.get("anyOf") or []
    return next(iter(field.get("enum") or [choice["const"] for choice in titled]), None)


def said_by_model(messages):
    return f"You said: {messages[0].content.text}"

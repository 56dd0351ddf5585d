"""What a person does at the product's own server, after a login. What is seen here is judged in `workerd/python.test.mjs`."""

import asyncio
import re

from mcp.shared.exceptions import MCPError

from people import words


async def revision(person):
    """Which revision was negotiated."""
    return await person.revision()


async def tools(person):
    """The names of all tools."""
    return await person.tools()


async def echo(person):
    return await person.echo("from Python")


async def count_in_session(person):
    """The session's own counter, twice: whether it is an error, and the words."""
    counted = [await person.call("count", {}) for _ in range(2)]
    return [[result.is_error, words(result)] for result in counted]


async def count_by_handle(person):
    """A counter with a handle, twice."""
    started = words(await person.call("count_start", {}))
    handle = re.search(r"[A-Za-z0-9._~+/=-]{20,}", started).group()
    return [words(await person.call("count", {"handle": handle})) for _ in range(2)]


async def progress(person):
    """The notifications of one call, in the order in which the library hands them out, and its result."""
    heard = []

    async def hear(done, total, message):
        heard.append([done, total, message])

    result = await person.call("progress", {"steps": 5, "delay_ms": 20}, hear)
    return {"heard": heard, "result": words(result)}


async def accept(person):
    """A question that is answered."""
    person.action = "accept"
    result = words(await person.call("ask", {"question": "Which colour?"}))
    return {"asked": person.asked.pop(), "result": result}


async def decline(person):
    """A question that is declined."""
    person.action = "decline"
    result = words(await person.call("ask", {"question": "Which shape?"}))
    return {"asked": person.asked.pop(), "result": result}


async def cancel(person):
    """A call that is given up after its first progress, and another call after it."""
    running = asyncio.Event()
    heard = []

    async def hear(done, _total, _message):
        heard.append(done)
        running.set()

    # Ten seconds of work: far longer than this step takes where cancelling is heard.
    call = asyncio.create_task(person.call("progress", {"steps": 200, "delay_ms": 50}, hear))
    first = asyncio.create_task(running.wait())
    await asyncio.wait([call, first], return_when=asyncio.FIRST_COMPLETED)
    call.cancel()
    outcome = (await asyncio.gather(call, return_exceptions=True))[0]
    first.cancel()
    return {"outcome": type(outcome).__name__, "heard": len(heard), "echo": await person.echo("still here")}


async def unknown_tool(person):
    """The code of the error, and another call after it."""
    try:
        answered = str(await person.call("no-such-tool", {}))
    except MCPError as error:
        answered = error.code
    return {"answered": answered, "echo": await person.echo("still here")}


async def stays_away(person):
    """After a session's call was given up: whether the library gave up its stream, too, and how often it came back."""
    if person.has_session and person.resumes:
        await person.wire.given_up.wait()
    return sum(what == "resume" for _, what, _ in person.wire.exchanges)


STEPS = [
    revision,
    tools,
    echo,
    count_in_session,
    count_by_handle,
    progress,
    accept,
    decline,
    cancel,
    unknown_tool,
    stays_away,
]

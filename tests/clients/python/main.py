"""A Python client of a running Sessile: `main.py URL TOKEN CLIENT ERA`.

CLIENT is `mcp`, `mcp-sse` or `fastmcp`; ERA is what both call `mode`: `legacy`, `auto`, or a revision without a handshake.
Each step prints one line of JSON, `{"step": …, "saw": …}` or `{"step": …, "error": …}`. This program judges
nothing: what has to be seen is in `workerd/python.test.mjs`. A new step is a function in `STEPS`.
"""

import asyncio
import json
import re
import sys
import traceback

from mcp.shared.exceptions import MCPError

from people import PEOPLE, words
from wire import Wire

# Longest one step may take, in seconds; the longest takes less than one.
STEP_MAX = 20


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
    person.accepting = True
    result = words(await person.call("ask", {"question": "Which colour?"}))
    return {"asked": person.asked.pop(), "result": result}


async def decline(person):
    """A question that is declined."""
    person.accepting = False
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


STEPS = [revision, tools, echo, count_in_session, count_by_handle, progress, accept, decline, cancel, unknown_tool]


def say(step, **finding):
    print(json.dumps({"step": step, **finding}), flush=True)


async def main(url, token, client, era):
    wire = Wire()
    async with PEOPLE[client](wire).connected(url, token, era) as person:
        for step in STEPS:
            try:
                async with asyncio.timeout(STEP_MAX):
                    say(step.__name__, saw=await step(person))
            except Exception:  # The other steps have to be seen too.
                say(step.__name__, error=traceback.format_exc())
    say("wire", saw=wire.exchanges)


asyncio.run(main(*sys.argv[1:]))

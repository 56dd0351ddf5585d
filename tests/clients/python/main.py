"""A Python client of a running Sessile: `main.py URL CLIENT ERA PLACE [TOKEN]`.

CLIENT is `mcp`, `mcp-sse` or `fastmcp`; ERA is what both call `mode`: `legacy`, `auto`, or a revision without a handshake;
PLACE says what kind of server it is: `demo`, the product's own, or `fixture`, which has every feature.
Each step prints one line of JSON, `{"step": …, "saw": …}` or `{"step": …, "error": …}`. This program judges
nothing: what has to be seen is in `workerd/python.test.mjs`. A new step is a function in the `STEPS` of its place.
"""

import asyncio
import json
import sys
import traceback

import demo
import fixture
from people import PEOPLE
from wire import Wire

# Longest one step may take, in seconds; the longest takes three.
STEP_MAX = 20
PLACES = {"demo": demo.STEPS, "fixture": fixture.STEPS}


def say(step, **finding):
    print(json.dumps({"step": step, **finding}), flush=True)


async def main(url, client, era, place, token=None):
    wire = Wire()
    async with PEOPLE[client](wire).connected(url, token, era) as person:
        for step in PLACES[place]:
            try:
                async with asyncio.timeout(STEP_MAX):
                    say(step.__name__, saw=await step(person))
            except Exception:  # The other steps have to be seen too.
                say(step.__name__, error=traceback.format_exc())
    say("wire", saw=wire.exchanges)


asyncio.run(main(*sys.argv[1:]))

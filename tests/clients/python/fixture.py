"""What a person does at the server with every feature. What is seen here is judged in `workerd/python.test.mjs`."""

import asyncio

from mcp.shared.exceptions import MCPError

from people import words

WATCHED = "test://watched-resource"
LOG_LEVEL = "io.modelcontextprotocol/logLevel"


async def code_of(asking):
    """The code of the error that it ends with."""
    try:
        return f"answered: {await asking}"
    except MCPError as error:
        return error.code


async def revision(person):
    return await person.revision()


async def capabilities(person):
    """What the server says that it has; a client that is pinned asks nobody."""
    return await person.capabilities()


async def lists(person):
    return {
        "tools": await person.tools(),
        "prompts": await person.prompts(),
        "resources": await person.resources(),
        "templates": await person.templates(),
    }


async def contents(person):
    """The kinds of content of each tool that gives back some."""
    names = ["simple_text", "image_content", "audio_content", "embedded_resource", "multiple_content_types"]
    results = [await person.call(f"test_{name}", {}) for name in names]
    return [[block.type for block in result.content] for result in results]


async def failure(person):
    result = await person.call("test_error_handling", {})
    return [result.is_error, words(result)]


async def header_argument(person):
    """An argument that the schema wants in a header, too."""
    return [words(await person.call("test_x_mcp_header", {"region": region})) for region in ["eu-west", " Zürich "]]


async def prompt(person):
    arguments = {"arg1": "one", "arg2": "two"}
    return (await person.prompt("test_prompt_with_arguments", arguments))[0].content.text


async def prompt_with_resource(person):
    messages = await person.prompt("test_prompt_with_embedded_resource", {"resourceUri": "test://here"})
    return str(messages[0].content.resource.uri)


async def prompt_without_arguments(person):
    return await code_of(person.prompt("test_prompt_with_arguments", {"arg1": "one"}))


async def prompt_that_asks(person):
    person.action = "accept"
    messages = await person.prompt("test_input_required_result_prompt")
    return {"asked": person.asked.pop(), "text": messages[0].content.text}


async def resources(person):
    text, picture, made = [await person.read(f"test://{uri}") for uri in ["static-text", "static-binary", "template/42/data"]]
    return [text.text, picture.mime_type, made.text]


async def no_resource(person):
    return await code_of(person.read("test://nowhere"))


async def completion(person):
    return [await person.complete("test_prompt_with_arguments", "arg1", typed) for typed in ["par", "part", "x"]]


async def questions(person):
    """What comes back when a question is accepted, declined and dismissed."""
    results = []
    for person.action in ["accept", "decline", "cancel"]:
        result = words(await person.call("test_elicitation", {"message": "Who are you?"}))
        results.append([person.asked.pop(), result])
    return results


async def forms(person):
    """Forms with every type of field and choice."""
    person.action = "accept"
    names = ["sep1034_defaults", "sep1330_enums"]
    return [words(await person.call(f"test_elicitation_{name}", {})) for name in names]


async def rounds(person):
    """Two questions, one after the other."""
    person.action = "accept"
    person.asked.clear()
    result = words(await person.call("test_input_required_result_multi_round", {}))
    return {"asked": person.asked, "result": result}


async def sampling(person):
    return words(await person.call("test_sampling", {"prompt": "Say hello."}))


async def three_questions(person):
    """Its user, its model and its roots in one call."""
    person.action = "accept"
    return words(await person.call("test_input_required_result_multiple_inputs", {}))


async def progress(person):
    heard = []

    async def hear(done, total, message):
        heard.append([done, total, message])

    result = await person.call("test_tool_with_progress", {}, hear)
    return {"heard": heard, "result": words(result)}


async def logs(person):
    """What is logged from `warning` on, and from `info` on: by the session's level or by the request's."""
    seen = []
    for level, count in [("warning", 0), ("info", 3)]:
        if person.has_session:
            await person.log_from(level)
            words(await person.call("test_tool_with_logging", {}))
        else:
            words(await person.call("test_tool_with_logging", {}, meta={LOG_LEVEL: level}))
        seen.append(await person.logged(count))
    return seen


async def let_go(person):
    """A call whose connection the server lets go; a session's client comes back for the result."""
    return words(await person.call("test_reconnection", {}))


async def changes(person):
    """What it hears after it changed something that it subscribed to, or listens to."""

    async def trigger(what):
        words(await person.call(f"test_trigger_{what}_change", {}))

    if person.has_session:
        await person.subscribe(WATCHED)
        await trigger("resource")
        await trigger("tool")
        return [await person.hears(WATCHED), await person.hears("tools")]
    if person.listening is None:
        return "no verb to listen"
    seen = set()
    async with person.listening(tools_list_changed=True, resource_subscriptions=[WATCHED]) as subscription:
        await trigger("resource")
        await trigger("tool")
        # Other clients change the same, so that one of both may come twice.
        while len(seen) < 2:
            seen.add(repr(await anext(subscription)))
    return {"honored": subscription.honored.model_dump(by_alias=True, exclude_none=True), "seen": sorted(seen)}


async def cancel(person):
    """A call that is given up after its first progress, and another call after it."""
    running = asyncio.Event()

    async def hear(_done, _total, _message):
        running.set()

    call = asyncio.create_task(person.call("test_tool_with_progress", {}, hear))
    first = asyncio.create_task(running.wait())
    await asyncio.wait([call, first], return_when=asyncio.FIRST_COMPLETED)
    call.cancel()
    outcome = (await asyncio.gather(call, return_exceptions=True))[0]
    first.cancel()
    return {"outcome": type(outcome).__name__, "after": words(await person.call("test_simple_text", {}))}


STEPS = [
    revision,
    capabilities,
    lists,
    contents,
    failure,
    header_argument,
    prompt,
    prompt_with_resource,
    prompt_without_arguments,
    prompt_that_asks,
    resources,
    no_resource,
    completion,
    questions,
    forms,
    rounds,
    sampling,
    three_questions,
    progress,
    logs,
    let_go,
    changes,
    cancel,
]

// MCP over Streamable HTTP by hand: one message in, the exact answer out.

import { exchange } from './http.mjs';

export const MODERN = '2026-07-28';
export const LATEST_WITH_SESSIONS = '2025-11-25';
export const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
export const CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities';
const CLIENT_KEY = 'io.modelcontextprotocol/clientInfo';
const CLIENT_INFO = { name: 'sessile-tests', version: '1' };

/** Longest wait for the next event of a stream, in milliseconds. */
const EVENT_MS = 15_000;

/** The method whose params name what it acts on, and that field: checklist M-HDR-01. */
const NAMED_BY = { 'tools/call': 'name', 'prompts/get': 'name', 'resources/read': 'uri' };

let lastId = 0;
/** A request id that no other request of this process has. */
export const nextId = () => (lastId += 1);

/** The body of an `initialize`. */
export const initializeBody = (revision = LATEST_WITH_SESSIONS, capabilities = {}) => ({
  jsonrpc: '2.0',
  id: nextId(),
  method: 'initialize',
  params: { protocolVersion: revision, capabilities, clientInfo: CLIENT_INFO },
});

/** Sends to the endpoint with the headers of a well-behaved client, which `headers` can replace or remove. */
export function send(base, { method = 'POST', token, session, version, body, headers = {}, ms } = {}) {
  const defaults = {
    accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
    'content-type': body === undefined ? undefined : 'application/json',
    authorization: token === undefined ? undefined : `Bearer ${token}`,
    'mcp-session-id': session,
    'mcp-protocol-version': version,
  };
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  return exchange(`${base}/mcp`, { method, headers: { ...defaults, ...headers }, body: text, ms });
}

/** A session of one client: the handshake done, the headers set on every request. */
export class Session {
  static async open(base, token, { revision = LATEST_WITH_SESSIONS, capabilities = {} } = {}) {
    const answer = await send(base, { token, body: initializeBody(revision, capabilities) });
    const reply = await replyOf(answer);
    const id = answer.header('mcp-session-id');
    if (answer.status !== 200 || !reply.result || !id) {
      throw new Error(`initialize: ${answer.status}, session id ${id}, ${JSON.stringify(reply)}`);
    }
    const session = new Session(base, token, id, reply.result);
    const noted = await session.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    noted.close();
    if (noted.status !== 202) throw new Error(`notifications/initialized: ${noted.status}`);
    return session;
  }

  constructor(base, token, id, initialized) {
    this.base = base;
    this.token = token;
    this.id = id;
    this.initialized = initialized;
    this.revision = initialized.protocolVersion;
  }

  /** Sends any body in this session; the raw answer. */
  send(body, options = {}) {
    // 2025-03-26 has no version header.
    const version = this.revision === '2025-03-26' ? undefined : this.revision;
    return send(this.base, { token: this.token, session: this.id, version, body, ...options });
  }

  /** One request and its reply (`result` or `error`), whether it came as JSON or on a stream. */
  async request(method, params, options) {
    const body = { jsonrpc: '2.0', id: nextId(), method, ...(params === undefined ? {} : { params }) };
    const answer = await this.send(body, options);
    return { ...(await replyOf(answer, body.id)), status: answer.status, headers: answer.headers };
  }

  /** Calls a tool and returns its first text; a refused call throws with what was said. */
  async call(name, args = {}) {
    return textOf(await this.request('tools/call', { name, arguments: args }), name);
  }

  /** Starts a request that is expected to stream; events are read one by one. */
  async stream(method, params, options) {
    const body = { jsonrpc: '2.0', id: nextId(), method, params };
    const answer = await this.send(body, options);
    if (!answer.isEventStream) {
      throw new Error(`${method}: ${answer.status} ${answer.header('content-type')}, not a stream: ${(await answer.text()).slice(0, 300)}`);
    }
    return Object.assign(new Events(answer), { requestId: body.id });
  }

  /** Opens the GET stream, or resumes one after an event id; it is broken off after `ms`. */
  async listen({ after, ms = 60_000 } = {}) {
    const answer = await this.send(undefined, { method: 'GET', headers: { 'last-event-id': after }, ms });
    if (answer.status !== 200 || !answer.isEventStream) {
      throw new Error(`GET /mcp: ${answer.status} ${(await answer.text()).slice(0, 300)}`);
    }
    return new Events(answer);
  }

  /** Ends the session; the raw answer. */
  async end() {
    const answer = await this.send(undefined, { method: 'DELETE' });
    await answer.text();
    return answer;
  }
}

/** A stateless request with everything the modern revision wants; `spoil` changes the body before sending. */
export async function modern(base, token, method, params, options) {
  const { sent, answer } = await sendModern(base, token, method, params, options);
  return { ...(await replyOf(answer, sent.id)), status: answer.status, headers: answer.headers, sentId: sent.id };
}

/** Starts a stateless request that is expected to stream; events are read one by one. */
export async function modernStream(base, token, method, params, options) {
  const { sent, answer } = await sendModern(base, token, method, params, options);
  if (!answer.isEventStream) {
    throw new Error(`${method}: ${answer.status} ${answer.header('content-type')}, not a stream: ${(await answer.text()).slice(0, 300)}`);
  }
  return Object.assign(new Events(answer), { requestId: sent.id });
}

async function sendModern(base, token, method, params = {}, { capabilities = {}, headers = {}, spoil = (body) => body, ms } = {}) {
  const name = params[NAMED_BY[method]];
  const sent = spoil({
    jsonrpc: '2.0',
    id: nextId(),
    method,
    params: { ...params, _meta: { ...params._meta, [VERSION_KEY]: MODERN, [CAPABILITIES_KEY]: capabilities, [CLIENT_KEY]: CLIENT_INFO } },
  });
  const answer = await send(base, {
    token,
    version: MODERN,
    headers: { 'mcp-method': method, 'mcp-name': name, ...headers },
    body: sent,
    ms,
  });
  return { sent, answer };
}

/** The reply in an answer: the JSON body, or the message with this id on the stream. `{}` where the body is empty. */
export async function replyOf(answer, id) {
  if (answer.isEventStream) {
    const events = new Events(answer);
    const messages = [];
    for (let event = await events.next(); event; event = await events.next()) {
      if (!event.message) continue;
      const { message } = event;
      if (message.method === undefined && (id === undefined || message.id === id)) {
        events.close();
        return { ...message, before: messages };
      }
      messages.push(message);
    }
    throw new Error(`${answer.what}: the stream ended without a reply; it had ${JSON.stringify(messages)}`);
  }
  return (await answer.text()) === '' ? {} : answer.json();
}

/** The first text of a tool result. */
export function textOf(reply, what = 'the call') {
  const text = reply.result?.content?.find(({ type }) => type === 'text')?.text;
  if (text === undefined || reply.result.isError) throw new Error(`${what}: ${reply.status ?? ''} ${JSON.stringify(reply.error ?? reply.result ?? reply)}`);
  return text;
}

/** The handle that a tool minted, as its words name it. */
export function handleIn(words) {
  const handle = /[A-Za-z0-9._~+/=-]{20,}/.exec(words)?.[0];
  if (!handle) throw new Error(`no handle in: ${words}`);
  return handle;
}

/** An answer to an elicitation's form that puts one word into every text field. */
export function fillForm(requestedSchema, word) {
  const blank = { string: word, integer: 1, number: 1, boolean: true };
  return Object.fromEntries(Object.entries(requestedSchema?.properties ?? {}).map(([name, { type }]) => [name, blank[type] ?? word]));
}

/** The events of an SSE body, in order: WHATWG HTML, "Server-sent events", 9.2.6. */
export class Events {
  #answer;
  #lines;
  #waiting;

  constructor(answer) {
    this.#answer = answer;
    this.#lines = readLines(answer.chunks);
    this.lastId = undefined;
  }

  /** The next event, comments skipped; undefined at the end. Fails when nothing comes in time. */
  async next(ms = EVENT_MS) {
    const event = { id: undefined, type: 'message', data: undefined, retry: undefined };
    let seen = false;
    for (;;) {
      const { value: line, done } = await this.#line(ms);
      if (done) return undefined;
      if (line === '') {
        if (!seen) continue;
        if (event.id !== undefined) this.lastId = event.id;
        // HTTP+SSE has an event of another type, whose data is no message.
        event.message = event.data && event.type === 'message' ? JSON.parse(event.data) : undefined;
        return event;
      }
      if (line.startsWith(':')) continue;
      seen = true;
      const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line);
      if (field === 'data') event.data = event.data === undefined ? value : `${event.data}\n${value}`;
      else if (field === 'event') event.type = value;
      else if (field === 'id') event.id = value;
      else if (field === 'retry') event.retry = Number(value);
    }
  }

  /** The next event that carries a message. */
  async nextMessage(ms = EVENT_MS) {
    for (let event = await this.next(ms); event; event = await this.next(ms)) if (event.message) return event;
    return undefined;
  }

  /** Every message until the stream ends. */
  async rest(ms = EVENT_MS) {
    const events = [];
    for (let event = await this.nextMessage(ms); event; event = await this.nextMessage(ms)) events.push(event);
    return events;
  }

  /** True when no message comes for this long and the stream stays open; comments and priming events do not count. */
  async quiet(ms) {
    this.#waiting ??= this.#lines.next();
    const timeout = Symbol('quiet');
    const deadline = Date.now() + ms;
    for (;;) {
      const first = await Promise.race([this.#waiting, new Promise((resolve) => setTimeout(resolve, Math.max(0, deadline - Date.now()), timeout))]);
      if (first === timeout) return true;
      if (first.done || /^data: ?\S/.test(first.value)) return false;
      this.#waiting = this.#lines.next();
    }
  }

  close() {
    this.#answer.close();
  }

  async #line(ms) {
    const pending = this.#waiting ?? this.#lines.next();
    this.#waiting = pending;
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${this.#answer.what}: no event for ${ms} ms`)), ms);
    });
    try {
      const line = await Promise.race([pending, late]);
      this.#waiting = undefined;
      return line;
    } finally {
      clearTimeout(timer);
    }
  }
}

async function* readLines(chunks) {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of chunks) {
      rest += decoder.decode(chunk, { stream: true });
      // A carriage return at the end may be half of a line break.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop();
      yield* lines;
    }
  } catch (error) {
    // A body that breaks off is the end of the stream; what was lost is for the test to notice.
    if (error.code !== 'ECONNRESET' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE' && error.code !== 'ABORT_ERR' && error.message !== 'aborted') throw error;
  }
}

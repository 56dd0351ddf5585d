// MCP over HTTP+SSE (2024-11-05) by hand: a stream that is read event by event, and messages that are POSTed.

import { exchange } from './http.mjs';
import { Events, initializeBody, nextId } from './mcp.mjs';

/** Longest a stream stays open in a test, in milliseconds. */
const STREAM_MS = 60_000;

/** Sends to one of the transport's two paths with the headers of a well-behaved client. */
export function sendTo(base, path, { method = 'POST', token, body, headers = {}, ms } = {}) {
  const defaults = {
    accept: method === 'GET' ? 'text/event-stream' : '*/*',
    'content-type': body === undefined ? undefined : 'application/json',
    authorization: token === undefined ? undefined : `Bearer ${token}`,
  };
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  return exchange(new URL(path, base), { method, headers: { ...defaults, ...headers }, body: text, ms });
}

/** One connection: its stream, and where to POST. */
export class Connection {
  /** Connects and reads the first event; nothing is initialized yet. */
  static async open(base, token, options = {}) {
    const answer = await sendTo(base, '/sse', { method: 'GET', token, ms: STREAM_MS, ...options });
    if (answer.status !== 200 || !answer.isEventStream) throw new Error(`GET /sse: ${answer.status} ${await answer.text()}`);
    const events = new Events(answer);
    return new Connection(base, token, answer, events, await events.next());
  }

  /** Connects and does the handshake. */
  static async ready(base, token, { revision = '2024-11-05', capabilities = {}, ms = STREAM_MS } = {}) {
    const connection = await Connection.open(base, token, { ms });
    const reply = await connection.request('initialize', initializeBody(revision, capabilities).params);
    if (!reply.result) throw new Error(`initialize: ${JSON.stringify(reply)}`);
    connection.initialized = reply.result;
    await connection.tell({ jsonrpc: '2.0', method: 'notifications/initialized' });
    return connection;
  }

  constructor(base, token, answer, events, first) {
    Object.assign(this, { base, token, answer, events, first, endpoint: first.data });
  }

  /** POSTs any body; the raw answer. */
  post(body, options = {}) {
    return sendTo(this.base, this.endpoint, { token: this.token, body, ...options });
  }

  /** POSTs a message, which must be accepted without a word. */
  async tell(message) {
    const answer = await this.post(message);
    const text = await answer.text();
    if (answer.status !== 202 || text !== '') throw new Error(`${message.method ?? 'a response'}: ${answer.status} ${text}`);
  }

  /** One request and its reply on the stream; what came before it is in `before`. */
  async request(method, params) {
    const id = nextId();
    await this.tell({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) });
    return this.reply(id);
  }

  async reply(id) {
    const before = [];
    for (let event = await this.events.next(); event; event = await this.events.next()) {
      if (event.message.id === id && event.message.method === undefined) return { ...event.message, event, before };
      before.push(event.message);
    }
    throw new Error(`the stream ended without a reply; it had ${JSON.stringify(before)}`);
  }

  close() {
    this.events.close();
  }
}

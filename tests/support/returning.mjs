// A client that goes on working whatever happens to the server: it calls a tool that streams, listens to its GET
// stream, and comes back with `Last-Event-ID` when a connection breaks. It keeps account of every event.

import { WATCHED } from './changes.mjs';
import { Ear, placeOf } from './ear.mjs';
import { nextId, Session } from './mcp.mjs';
import { pause } from './torture.mjs';

/** Between two tries to reach a server that is being started, in milliseconds. */
const RETRY_MS = 150;
/** Longest that a stream is kept before the client lets it go and comes back, in milliseconds. */
const STREAM_MS = 600_000;
/** Tools that take steps: one may be called again when a restart cut it off, the other must not be. */
export const [REPEATABLE, ONCE] = ['test_steps', 'test_steps_once'];
const TOOLS = [REPEATABLE, ONCE];
/** Steps of a call; each takes 20 ms and is an event. */
const STEPS = [10, 70];
/** Between two calls, in milliseconds. */
const REST_MS = [0, 500];
/** JSON-RPC's internal error, as which a restart in the middle of a tool is told (architecture, "Cross-cutting"). */
const RESTARTED = -32603;
const STANDALONE = 0;

export class Returning {
  #run;
  #session;
  #events = new Map();
  #lastOfStream = new Map();
  #heard = new Map();
  #get;
  #ended = false;

  /** A session whose client listens and has subscribed to the watched resource. */
  static async open(run, base, name) {
    const session = await Session.open(base);
    const client = new Returning(run, session, name);
    client.#get = client.#ear(await openStream(session));
    const { error } = await session.request('resources/subscribe', { uri: WATCHED });
    if (error) throw new Error(JSON.stringify(error));
    return client;
  }

  constructor(run, session, name) {
    this.#run = run;
    this.#session = session;
    this.name = name;
    this.isStreaming = false;
    this.counts = { events: 0, calls: 0, results: 0, errors: 0, unheard: 0, returns: 0, unseen: 0 };
    this.counts.cutOff = Object.fromEntries(TOOLS.map((name) => [name, { results: 0, errors: 0 }]));
  }

  /** Whether the GET stream is open. */
  get listens() {
    return this.#get.open;
  }

  /** How often a notification of these words came. */
  heard(words) {
    return this.#heard.get(JSON.stringify(words)) ?? 0;
  }

  /** Calls one tool after the other, and listens, until told to finish. */
  async work() {
    const listening = this.#listen();
    while (!this.#ended) {
      await this.#call();
      await pause(this.#run.between(...REST_MS));
    }
    // The GET stream is listened to for as long as this process lives.
    listening.catch((error) => this.#lost(error.message));
  }

  /** Makes the call on its way the last one. */
  finish() {
    this.#ended = true;
  }

  /** What can be said of all events together, once everything is over. */
  judge() {
    // Places count through the session: what is missing can only be of a call that was given up.
    const seqs = [...this.#events.values()].sort((a, b) => a - b);
    const missing = (seqs.at(-1) ?? 0) - seqs.length;
    this.counts.unseen += missing;
    if (missing > 0 && this.counts.unheard === 0) this.#lost(`${missing} of ${seqs.at(-1)} events never came, and no call was given up`);
  }

  async #listen() {
    for (;;) {
      await this.#get.over;
      this.#get = await this.#return(this.#get.lastId, 'its GET stream');
      if (this.#get === undefined) return;
    }
  }

  async #call() {
    const steps = this.#run.between(...STEPS);
    const name = TOOLS[this.#run.between(0, 1)];
    const params = { name, arguments: { name: this.name, steps }, _meta: { progressToken: this.name } };
    const call = { id: nextId(), name, steps, next: 1, response: undefined, plain: undefined };
    let answer;
    try {
      answer = await this.#session.send({ jsonrpc: '2.0', id: call.id, method: 'tools/call', params }, { ms: STREAM_MS });
      if (!answer.isEventStream) call.plain = `${answer.status} ${await answer.text()}`;
    } catch (error) {
      // There is no server, and nothing was sent; or it died before the head of its answer.
      if (error.cause?.code !== 'ECONNREFUSED') this.counts.unheard += 1;
      await pause(RETRY_MS);
      return;
    }
    if (call.plain !== undefined) {
      // What is said instead of a stream while the server starts; not what a healthy one says.
      if (answer.status < 500) this.#lost(`call ${call.id}: ${call.plain}`);
      this.counts.unheard += 1;
      await pause(RETRY_MS);
      return;
    }
    this.counts.calls += 1;
    this.isStreaming = true;
    let cut = false;
    let ear = this.#ear(answer, call);
    await ear.over;
    let { lastId } = ear;
    while (call.response === undefined) {
      cut = true;
      if (lastId === undefined) {
        this.counts.unheard += 1;
        this.isStreaming = false;
        return;
      }
      ear = await this.#return(lastId, `call ${call.id}`, call);
      if (ear === undefined) break;
      await ear.over;
      ({ lastId } = ear);
    }
    this.isStreaming = false;
    if (call.response?.result) {
      this.counts.results += 1;
      if (cut) this.counts.cutOff[name].results += 1;
      if (call.next !== steps + 1) this.#lost(`call ${call.id} ended well after step ${call.next - 1} of ${steps}`);
    } else if (call.response?.error?.code === RESTARTED) {
      this.counts.errors += 1;
      this.counts.cutOff[name].errors += 1;
    } else {
      this.#lost(`call ${call.id}: ${JSON.stringify(call.response)}`);
    }
  }

  /** Comes back for a stream until a server answers; nothing if it says that there is nothing. */
  async #return(after, what, call) {
    for (;;) {
      let answer;
      try {
        answer = await this.#session.send(undefined, { method: 'GET', headers: { 'last-event-id': after }, ms: STREAM_MS });
      } catch {
        await pause(RETRY_MS);
        continue;
      }
      if (answer.status === 200) {
        this.counts.returns += 1;
        return this.#ear(answer, call, after);
      }
      const text = await answer.text().catch(() => '');
      // What a proxy says whose server is gone; the client asks again.
      if (answer.status >= 500) {
        await pause(RETRY_MS);
        continue;
      }
      this.#lost(`${what}, back with ${after}: ${answer.status} ${text.slice(0, 200)}`);
      return undefined;
    }
  }

  #ear(answer, call, after) {
    return new Ear(answer, (message, id) => this.#hear(message, id, call), after);
  }

  #hear(message, id, call) {
    this.counts.events += 1;
    if (id === undefined) {
      this.#lost(`an event without an id: ${JSON.stringify(message)}`);
      return;
    }
    if (this.#events.has(id)) this.#lost(`the event ${id} came twice: ${JSON.stringify(message)}`);
    const { stream, seq } = placeOf(id);
    this.#events.set(id, seq);
    const last = this.#lastOfStream.get(stream) ?? 0;
    if (seq <= last) this.#lost(`on stream ${stream}, place ${seq} came after ${last}`);
    this.#lastOfStream.set(stream, seq);
    if (call === undefined) this.#hearChange(message, stream);
    else this.#hearCall(message, stream, call);
  }

  #hearChange({ method, params }, stream) {
    if (stream !== STANDALONE) this.#lost(`an event of stream ${stream} on the GET stream: ${method}`);
    const words = JSON.stringify(params?.uri === undefined ? { method } : { method, uri: params.uri });
    this.#heard.set(words, (this.#heard.get(words) ?? 0) + 1);
  }

  #hearCall(message, stream, call) {
    if (stream === STANDALONE || (call.stream ?? stream) !== stream) this.#lost(`call ${call.id} moved to stream ${stream}`);
    call.stream = stream;
    if (call.response !== undefined) {
      this.#lost(`call ${call.id}: after its answer came ${JSON.stringify(message)}`);
    } else if (message.method === 'notifications/progress') {
      if (message.params.progress !== call.next) this.#lost(`call ${call.id}: step ${message.params.progress} where ${call.next} was due`);
      call.next = message.params.progress + 1;
    } else if (message.id === call.id) {
      call.response = message;
    } else {
      this.#lost(`call ${call.id}: ${JSON.stringify(message)}`);
    }
  }

  #lost(words) {
    this.#run.lost(`${this.name}: ${words}`);
  }
}

/** The GET stream of a session, from its beginning; the raw answer. */
export async function openStream(session, { ms = STREAM_MS } = {}) {
  const answer = await session.send(undefined, { method: 'GET', ms });
  if (answer.status !== 200) throw new Error(`GET /mcp: ${answer.status} ${(await answer.text()).slice(0, 300)}`);
  return answer;
}

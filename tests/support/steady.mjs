// Clients that never come back: each listens to a stream, makes one call after the other, and keeps account of what comes
// on the responses that it has. If one of them ends early, something is lost.

import { Account } from './account.mjs';
import { TOOLS } from './changes.mjs';
import { Ear, placeOf } from './ear.mjs';
import { Connection } from './http_sse.mjs';
import { nextId, Session } from './mcp.mjs';
import { openStream } from './returning.mjs';

/** Longest that a stream is kept, and that a quiet one is waited for, in milliseconds: as long as a run. */
const STREAM_MS = 600_000;

class Client {
  #run;

  constructor(run, name) {
    this.#run = run;
    this.name = name;
    this.calls = 0;
    this.heard = 0;
    this.changes = 0;
  }

  /** The body of the next call, of which account is kept. */
  next(steps) {
    this.account = new Account(this.#run, nextId(), steps);
    this.calls += 1;
    const params = { name: 'test_steps', arguments: { name: this.name, steps }, _meta: { progressToken: this.name } };
    return { jsonrpc: '2.0', id: this.account.id, method: 'tools/call', params };
  }

  hear(message, place) {
    if (message.method === TOOLS.method) {
      this.changes += 1;
      return;
    }
    this.heard += 1;
    this.account.hear(message, place);
  }

  lost(words) {
    this.#run.lost(`${this.name}: ${words}`);
  }
}

/** Streamable HTTP: a GET stream, and a response for each call. */
export class Newer extends Client {
  #session;
  #ear;
  #response;

  static async open(run, base, name) {
    const client = new Newer(run, name);
    client.#session = await Session.open(base);
    client.#ear = new Ear(await openStream(client.#session), (message) => client.hear(message));
    return client;
  }

  get listens() {
    return this.#ear.open;
  }

  /** Whether nothing more can come of its last call. */
  get isOver() {
    return !this.#response?.open;
  }

  async begin(steps) {
    const answer = await this.#session.send(this.next(steps), { ms: STREAM_MS });
    if (!answer.isEventStream) return this.lost(`${answer.status} ${await answer.text()}`);
    this.#response = new Ear(answer, (message, id) => this.hear(message, placeOf(id).seq));
  }

  close() {
    this.#ear.close();
  }
}

/** HTTP+SSE: one stream for all, whose events have no id. */
export class Older extends Client {
  #connection;
  #place = 0;

  static async open(run, base, name) {
    const client = new Older(run, name);
    client.#connection = await Connection.ready(base, undefined, { ms: STREAM_MS });
    client.listens = true;
    client.#listen().catch((error) => client.lost(error.message)).finally(() => { client.listens = false; });
    return client;
  }

  get isOver() {
    return !this.listens;
  }

  async begin(steps) {
    await this.#connection.tell(this.next(steps));
  }

  close() {
    this.#connection.close();
  }

  async #listen() {
    const { events } = this.#connection;
    for (let event = await events.next(STREAM_MS); event; event = await events.next(STREAM_MS)) this.hear(event.message, (this.#place += 1));
  }
}

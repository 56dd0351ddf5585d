// What is measured, as its client sees it: the same requests to Sessile and to the floors, each with what it needs.

import { refresh } from '../tests/support/oauth.mjs';
import { logIn } from '../tests/support/login.mjs';
import { Connection, messages } from './load.mjs';

const VERSION = '2025-11-25';
const MODERN = '2026-07-28';
const CLIENT = { name: 'bench', version: '1' };

/** How old an access token may be when something begins, in milliseconds: it ends after 15 minutes. */
const TOKEN_MS_MAX = 8 * 60_000;

/** Connections over which sessions are opened that are needed for something else. */
const OPENERS = 16;

const message = (id, method, params) => JSON.stringify({ jsonrpc: '2.0', id, method, params });

/** One server. */
export class Target {
  #id = 0;

  /** Sessions that were opened before. */
  #sessions = [];

  #opening = 0;

  #account;

  constructor(name, url, pid) {
    Object.assign(this, { name, url, pid, host: new URL(url).host });
  }

  /** Sees to it that what is sent is let in, where that needs a login. */
  static async withLogin(name, url, pid) {
    const target = new Target(name, url, pid);
    target.#account = { ...(await logIn(url)), since: Date.now() };
    return target;
  }

  /** Has a token that will not end soon, if there is one. */
  async renew() {
    if (this.#account === undefined || Date.now() - this.#account.since < TOKEN_MS_MAX) return;
    this.#account.since = Date.now(); // others ask meanwhile
    const answer = await refresh(this.url, this.#account);
    const { access_token: token, refresh_token: refreshToken } = await answer.json();
    if (answer.status !== 200) throw new Error(`no new token: ${answer.status}`);
    Object.assign(this.#account, { token, refreshToken, since: Date.now() });
  }

  #head(verb, more = '') {
    const token = this.#account ? `authorization: Bearer ${this.#account.token}\r\n` : '';
    return `${verb} /mcp HTTP/1.1\r\nhost: ${this.host}\r\naccept: application/json, text/event-stream\r\n${token}${more}`;
  }

  #post(more = '') {
    return this.#head('POST', `content-type: application/json\r\n${more}`);
  }

  #inSession(session) {
    return this.#post(`mcp-session-id: ${session}\r\nmcp-protocol-version: ${VERSION}\r\n`);
  }

  connect() {
    return Connection.open(this.url);
  }

  /** Opens a session; its id. */
  async open(connection) {
    const id = (this.#id += 1);
    const answer = await connection.send(this.#post(), message(id, 'initialize', { protocolVersion: VERSION, capabilities: {}, clientInfo: CLIENT }));
    const [{ id: answered, result }] = messages(answer);
    const session = answer.field('mcp-session-id');
    if (answered !== id || result.protocolVersion !== VERSION || !session) throw new Error(`${this.name} opened no session: ${answer.body}`);
    return session;
  }

  /** Opens a session and says that it is initialized, which is the first that its object hears from every client; its id. */
  async begin(connection) {
    const session = await this.open(connection);
    const { status } = await connection.send(this.#inSession(session), message(undefined, 'notifications/initialized'));
    if (status !== 202) throw new Error(`${this.name}: ${status} to a notification`);
    return session;
  }

  /** So many sessions that are ready; those of an earlier time are used again. */
  async sessions(count, tell) {
    const openers = Array.from({ length: Math.min(OPENERS, count) }, async () => {
      const connection = await this.connect();
      while (this.#sessions.length + this.#opening < count) {
        this.#opening += 1;
        await this.renew();
        const session = await this.begin(connection);
        this.#opening -= 1;
        this.#sessions.push(session);
        if (this.#sessions.length % 500 === 0) tell?.(`${this.#sessions.length} of ${count} sessions of ${this.name}`);
      }
      connection.close();
    });
    await Promise.all(openers);
    return this.#sessions.slice(0, count);
  }

  /** Calls a tool in a session; its text. */
  async call(connection, session, name, args) {
    const id = (this.#id += 1);
    return this.#text(await connection.send(this.#inSession(session), message(id, 'tools/call', { name, arguments: args })), id);
  }

  /** Has a text echoed in a session. */
  async echo(connection, session, text) {
    this.#same(await this.call(connection, session, 'echo', { text }), text);
  }

  /** The same without a session. */
  async echoStateless(connection, text) {
    const id = (this.#id += 1);
    const meta = {
      'io.modelcontextprotocol/protocolVersion': MODERN,
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': CLIENT,
    };
    const head = this.#post(`mcp-protocol-version: ${MODERN}\r\nmcp-method: tools/call\r\nmcp-name: echo\r\n`);
    const answer = await connection.send(head, message(id, 'tools/call', { name: 'echo', arguments: { text }, _meta: meta }));
    this.#same(this.#text(answer, id), text);
  }

  /** Has a tool take some steps and tell of each. */
  async progress(connection, session, steps) {
    const id = (this.#id += 1);
    const params = { name: 'progress', arguments: { steps, delay_ms: 0 }, _meta: { progressToken: id } };
    const all = messages(await connection.send(this.#inSession(session), message(id, 'tools/call', params)));
    const told = all.slice(0, -1).map(({ params: { progressToken, progress } }) => progressToken === id && progress);
    if (all.at(-1).id !== id || told.length !== steps || told.some((step, index) => step !== index + 1)) {
      throw new Error(`${this.name} told of other progress: ${JSON.stringify(all).slice(0, 300)}`);
    }
  }

  /** Opens the stream of a session on which nothing is said. */
  async listen(connection, session) {
    const head = this.#head('GET', `mcp-session-id: ${session}\r\nmcp-protocol-version: ${VERSION}\r\n`);
    const { status } = await connection.listen(head);
    if (status !== 200) throw new Error(`${this.name}: ${status} to a stream`);
  }

  #same(said, text) {
    if (said !== text) throw new Error(`${this.name} echoed ${said.slice(0, 80)}`);
  }

  #text(answer, id) {
    const [{ id: answered, result, error }] = messages(answer);
    if (answered !== id || error || result.content[0].type !== 'text') throw new Error(`${this.name} answered ${answer.body.slice(0, 300)}`);
    return result.content[0].text;
  }
}

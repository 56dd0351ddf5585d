// One HTTP exchange on node:http, with nothing added and nothing hidden.
//
// `fetch` adds headers of its own (`sec-fetch-mode`, `accept`), guards `Host`, and follows a pool of
// connections over a server's restart. The tests want to say exactly what goes over the wire.

import { request } from 'node:http';

/** Longest a whole exchange may take unless a test says otherwise, in milliseconds. */
export const EXCHANGE_MS = 20_000;

/** Largest answer a test reads, in bytes; more is a fault of the server under test. */
const ANSWER_BYTES_MAX = 8_000_000;

/**
 * Sends one request and resolves when the head of the answer is here.
 *
 * @param {string | URL} url
 * @param {{method?: string, headers?: Record<string, string | string[] | undefined>, body?: string | Buffer, ms?: number}} options
 */
export function exchange(url, { method = 'GET', headers = {}, body, ms = EXCHANGE_MS } = {}) {
  const target = new URL(url);
  const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  if (body !== undefined) sent['content-length'] = Buffer.byteLength(body);
  return new Promise((resolve, reject) => {
    const what = `${method} ${target.pathname}`;
    const outgoing = request(target, { method, headers: sent, agent: false });
    const timer = setTimeout(() => outgoing.destroy(new Error(`${what}: not finished after ${ms} ms`)), ms);
    // While it matters its socket is open; one that node forgets to tell of must not hold up the end of a test file.
    timer.unref();
    outgoing.on('error', (cause) => {
      clearTimeout(timer);
      reject(new Error(`${what}: ${cause.message || cause.code}`, { cause }));
    });
    outgoing.on('response', (incoming) => {
      incoming.on('close', () => clearTimeout(timer));
      incoming.on('error', () => clearTimeout(timer));
      resolve(new Answer(what, outgoing, incoming));
    });
    outgoing.end(body);
  });
}

/** The head of an answer, and its body as text, as JSON or as a stream, whichever a test asks for. */
export class Answer {
  #outgoing;
  #incoming;
  #text;

  constructor(what, outgoing, incoming) {
    this.what = what;
    this.status = incoming.statusCode;
    this.headers = incoming.headers;
    this.#outgoing = outgoing;
    this.#incoming = incoming;
    // A body that no test asks for is read all the same: an unread one holds its connection open.
    if (!this.isEventStream) {
      this.#text = this.#read();
      this.#text.catch(() => {});
    }
  }

  /** One header's value, or undefined. */
  header(name) {
    const value = this.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  get isEventStream() {
    return (this.header('content-type') ?? '').startsWith('text/event-stream');
  }

  /** The bytes as they come; ends when the server ends the body. */
  get chunks() {
    return this.#incoming;
  }

  /** The whole body as text. */
  text() {
    this.#text ??= this.#read();
    return this.#text;
  }

  /** The whole body as JSON; says what came instead if it is none. */
  async json() {
    const text = await this.text();
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(`${this.what}: ${this.status} with a body that is not JSON: ${text.slice(0, 300)}`);
    }
  }

  /** Hangs up. */
  close() {
    this.#incoming.destroy();
    this.#outgoing.destroy();
  }

  async #read() {
    const parts = [];
    let bytes = 0;
    for await (const part of this.#incoming) {
      bytes += part.length;
      if (bytes > ANSWER_BYTES_MAX) throw new Error(`${this.what}: answer is larger than ${ANSWER_BYTES_MAX} bytes`);
      parts.push(part);
    }
    return Buffer.concat(parts).toString('utf8');
  }
}

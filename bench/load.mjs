// Load on a server: connections that stay open, each with one request at a time, and every answer checked.

import { connect } from 'node:net';

const END = Buffer.from('\r\n\r\n');
const CLOSED = 'the server closed the connection';

/**
 * A connection that speaks as much HTTP/1.1 as our servers answer with: a length, or chunks. Written for little CPU
 * of its own, since it shares the machine with what it measures.
 */
export class Connection {
  #socket;
  #kept = Buffer.alloc(0);
  #waiting;

  #closed = false;

  static open(url) {
    const { hostname, port, host } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new Connection(socket, host)));
    });
  }

  constructor(socket, host) {
    this.#socket = socket;
    this.host = host;
    socket.removeAllListeners('error');
    socket.on('data', (data) => this.#read(data));
    socket.on('error', (error) => this.#waiting?.reject(error));
    socket.on('close', () => {
      this.#closed = true;
      this.#waiting?.reject(new Error(CLOSED));
    });
  }

  /** Sends one request and resolves with its answer: status, header fields, body. */
  send(head, body) {
    return this.#ask(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, false);
  }

  /** Opens a stream that does not end; resolves with the head of its answer. */
  listen(head) {
    return this.#ask(`${head}\r\n`, true);
  }

  #ask(request, endless) {
    if (this.#closed) return Promise.reject(new Error(CLOSED));
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject, endless };
      this.#socket.write(request);
    });
  }

  close() {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #read(data) {
    if (this.#waiting === undefined) return; // what an endless stream says
    this.#kept = this.#kept.length ? Buffer.concat([this.#kept, data]) : data;
    const at = this.#kept.indexOf(END);
    if (at < 0) return;
    const head = this.#kept.toString('latin1', 0, at);
    const rest = this.#kept.subarray(at + END.length);
    const length = /\r\ncontent-length: (\d+)/i.exec(head);
    let body;
    if (this.#waiting.endless) {
      body = '';
    } else if (length) {
      if (rest.length < Number(length[1])) return;
      body = rest.subarray(0, Number(length[1])).toString();
    } else if (/\r\ntransfer-encoding: chunked/i.test(head)) {
      body = chunks(rest);
      if (body === undefined) return;
    } else {
      body = '';
    }
    this.#kept = Buffer.alloc(0);
    const { resolve } = this.#waiting;
    this.#waiting = undefined;
    resolve({ status: Number(head.slice(9, 12)), field: (name) => new RegExp(`\r\n${name}: ([^\r]*)`, 'i').exec(head)?.[1], body });
  }
}

/** A chunked body, once all of it is there. */
function chunks(bytes) {
  let [at, text] = [0, ''];
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, end), 16);
    const next = end + 2 + size + 2;
    if (bytes.length < next) return undefined;
    if (size === 0) return text;
    text += bytes.toString('utf8', end + 2, end + 2 + size);
    at = next;
  }
}

/** The messages of an answer, whether they came as JSON or as events. */
export function messages({ status, body, field }) {
  if (status !== 200) throw new Error(`status ${status}: ${body.slice(0, 200)}`);
  if (!(field('content-type') ?? '').startsWith('text/event-stream')) return [JSON.parse(body)];
  return body.split('\n').filter((line) => line.startsWith('data: {')).map((line) => JSON.parse(line.slice(6)));
}

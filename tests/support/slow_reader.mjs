// A client that reads as slowly as it likes: a call over a bare socket, whose bytes are taken one by one or not at all.
//
// What the kernels on both sides buffer (a few hundred kilobytes) is taken from the server without being read.

import { connect } from 'node:net';
import { nextId } from './mcp.mjs';
import { pause } from './torture.mjs';

/** Longest until the first event of the stream is here, in milliseconds. */
const FIRST_MS = 30_000;
/** Between two bytes, in milliseconds. */
const BYTE_MS = 1_000;

/** Calls a tool, reads up to the first event id and then a byte a second, or nothing at all. */
export class SlowReader {
  #socket;
  #text = '';
  #closed = false;

  static async call(session, name, args, { never = false } = {}) {
    const reader = new SlowReader();
    reader.id = nextId();
    const params = { name, arguments: args, _meta: { progressToken: `slow-${reader.id}` } };
    const body = JSON.stringify({ jsonrpc: '2.0', id: reader.id, method: 'tools/call', params });
    const { hostname, port, host } = new URL(session.base);
    reader.#socket = connect({ host: hostname, port: Number(port) });
    reader.#socket.on('error', () => {});
    reader.#socket.pause();
    reader.#socket.write([
      'POST /mcp HTTP/1.1', `host: ${host}`, 'accept: application/json, text/event-stream', 'content-type: application/json',
      `mcp-session-id: ${session.id}`, `mcp-protocol-version: ${session.revision}`, `content-length: ${Buffer.byteLength(body)}`,
      '', body,
    ].join('\r\n'));
    const deadline = Date.now() + FIRST_MS;
    while (reader.lastId === undefined) {
      if (Date.now() > deadline) throw new Error(`no event id within ${FIRST_MS} ms: ${reader.#text.slice(0, 300)}`);
      if (!reader.#take()) await pause(5);
    }
    if (!never) reader.#readOn();
    return reader;
  }

  /** The first event id that came: the place from which to come back. */
  get lastId() {
    return /^id: ?(\S+)\r?\n/m.exec(this.#text)?.[1];
  }

  get bytes() {
    return this.#text.length;
  }

  /** Hangs up. */
  close() {
    this.#closed = true;
    this.#socket.destroy();
  }

  /** Takes one byte, if there is any. */
  #take() {
    const byte = this.#socket.read(1);
    if (byte !== null) this.#text += byte.toString('latin1');
    return byte !== null;
  }

  async #readOn() {
    while (!this.#closed) {
      this.#take();
      await pause(BYTE_MS);
    }
  }
}

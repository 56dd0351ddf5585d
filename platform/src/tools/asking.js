// A request to a tool Worker, whose answer is gathered unless it is a stream: what takes five steps from wasm is one here.

import { send } from '../hop.js';

export class Asking {
  #controller = new AbortController();

  #reader;

  constructor(worker, url, head, body, left, silenceMs, bytesMax) {
    const own = this.#controller.signal;
    const signal = left === undefined ? own : AbortSignal.any([own, left]);
    let timer;
    const silent = new Promise((resolve) => {
      timer = setTimeout(resolve, silenceMs, { kind: 'silent' });
    });
    const answered = this.#ask(() => send(worker, url, head, body, signal), bytesMax);
    this.answer = Promise.race([answered, silent]).finally(() => clearTimeout(timer));
  }

  /** Nobody waits any more: the tool is to stop. */
  hangUp() {
    this.#controller.abort();
    this.#reader?.cancel().catch(() => {});
  }

  async #ask(sending, bytesMax) {
    const response = await sending();
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) return { kind: 'streams', response };
    if (response.body === null) return { kind: 'whole', bytes: new Uint8Array() };
    this.#reader = response.body.getReader();
    const chunks = [];
    let length = 0;
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) break;
      length += value.length;
      if (length > bytesMax) {
        this.hangUp();
        return { kind: 'too large' };
      }
      chunks.push(value);
    }
    return { kind: 'whole', bytes: chunks.length === 1 ? chunks[0] : joined(chunks, length) };
  }
}

function joined(chunks, length) {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

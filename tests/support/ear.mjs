// A stream that is listened to in the background, for tests with hundreds of them: what came, comments and all.
//
// `Events` of `mcp.mjs` is asked for one event after the other and skips comments; this one counts them.

/** What an event id says: checklist L-RSM-01, `mcp/src/event_id.rs`. Both numbers are hexadecimal. */
export function placeOf(id) {
  const [, stream, seq] = /^([0-9a-f]+)-([0-9a-f]+)-/.exec(id) ?? [];
  if (seq === undefined) throw new Error(`not an event id of ours: ${id}`);
  return { stream: Number.parseInt(stream, 16), seq: Number.parseInt(seq, 16) };
}

/** Listens to an answer until it ends, in whatever way. */
export class Ear {
  #answer;
  #onMessage;

  /**
   * @param {(message: object, id?: string) => void} onMessage is told of each message as it comes
   * @param {string} after the id that the client came back with, which stays the last until another comes
   */
  constructor(answer, onMessage = () => {}, after = undefined) {
    this.#answer = answer;
    this.#onMessage = onMessage;
    /** The last id that came, of a message or of an empty event. */
    this.lastId = after;
    this.messages = 0;
    this.comments = 0;
    this.bytes = 0;
    this.open = true;
    /** Why what came could not be read, if so. */
    this.trouble = undefined;
    /** Resolves when the stream is over. */
    this.over = this.#listen();
  }

  /** Hangs up. */
  close() {
    this.#answer.close();
  }

  async #listen() {
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for await (const chunk of this.#answer.chunks) {
        this.bytes += chunk.length;
        rest += decoder.decode(chunk, { stream: true });
        for (let end = rest.indexOf('\n\n'); end !== -1; end = rest.indexOf('\n\n')) {
          const event = rest.slice(0, end);
          rest = rest.slice(end + 2);
          this.#read(event);
        }
      }
    } catch (error) {
      // A body that breaks off is how these streams end; half an event at its end counts for nothing.
      if (!BROKEN.includes(error.code) && error.message !== 'aborted') this.trouble = error;
    }
    this.open = false;
    return this;
  }

  #read(event) {
    let id;
    let data;
    for (const line of event.split('\n')) {
      if (line.startsWith(':')) this.comments += 1;
      else if (line.startsWith('id:')) id = line.slice(3).trim();
      else if (line.startsWith('data:')) data = (data ?? '') + line.slice(5).trim();
    }
    if (id !== undefined) this.lastId = id;
    if (!data) return;
    this.messages += 1;
    this.#onMessage(JSON.parse(data), id);
  }
}

const BROKEN = ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR', 'EPIPE'];

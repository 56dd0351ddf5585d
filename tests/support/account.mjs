// What a client has heard of one call that counts its progress, over all the connections it came on: every step once,
// in order, and one answer at the end.

/** What has come of one call, over all its connections. */
export class Account {
  #run;
  #next = 1;
  #last;
  #messages;

  /** @param {number} last the place in the log after which its events come */
  constructor(run, id, messages, last = 0) {
    this.#run = run;
    this.#messages = messages;
    this.#last = last;
    this.id = id;
    this.heard = 0;
    this.complete = false;
  }

  /** @param {number} seq its place in the log, or on a stream whose events do not tell */
  hear(message, seq) {
    this.heard += 1;
    this.#run.demand(seq > this.#last, `call ${this.id}: place ${seq} after ${this.#last}`);
    this.#last = seq;
    if (message.id === this.id) {
      this.#run.demand(!this.complete && message.result, `call ${this.id}: ${JSON.stringify(message).slice(0, 300)}`);
      this.complete = true;
      return;
    }
    const { progress } = message.params;
    this.#run.demand(progress === this.#next && !this.complete, `call ${this.id}: message ${progress} where ${this.#next} was due`);
    this.#next = progress + 1;
  }

  judge() {
    return this.#run.demand(this.complete && this.#next === this.#messages + 1, `call ${this.id}: ${this.#next - 1} of ${this.#messages} messages, ${this.complete ? 'and' : 'no'} answer`);
  }
}

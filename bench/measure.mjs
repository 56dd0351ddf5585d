// Measuring: the same work at several servers, in turn, over several rounds.

import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMicros } from './process.mjs';

/**
 * How long a target is asked before it is another's turn, in milliseconds: what else the machine does changes from
 * second to second, and so does what an operation costs on it.
 */
const TURN_MS = 250;

/**
 * After how long everything is done that operations have brought about, in milliseconds: records are gathered for half
 * a second (`platform/src/records`), wait in the queue for up to one (`portal/wrangler.toml`), and are appended then.
 */
const SETTLE_MS = 2_000;

export const median = (numbers) => quantile(numbers, 0.5);

/** A quantile of some numbers, between the two that are next to it. */
export function quantile(numbers, part) {
  const sorted = Float64Array.from(numbers).sort();
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)];
  return below + (sorted[Math.ceil(at)] - below) * (at % 1);
}

/** One target's part of a round: connections, each with one request at a time, and how long each operation took. */
class Part {
  #target;

  #operation;

  #connections;

  #times = [];

  #tookMs = 0;

  #turns;

  #cpuBefore;

  static async of(target, { workers, operation }) {
    const part = new Part();
    part.#target = target;
    part.#operation = operation;
    part.#connections = await Promise.all(Array.from({ length: workers }, () => target.connect()));
    part.#turns = part.#connections.map(() => 0);
    return part;
  }

  /** From now on CPU time counts. */
  begin() {
    this.#cpuBefore = cpuMicros(this.#target.pid);
  }

  /** Repeats the operation for a while. */
  async turn(ms) {
    const began = performance.now();
    const until = began + ms;
    await Promise.all(this.#connections.map(async (connection, worker) => {
      for (let start = performance.now(); start < until;) {
        await this.#operation(connection, worker, this.#turns[worker]);
        this.#turns[worker] += 1;
        const end = performance.now();
        this.#times.push(end - start);
        start = end;
      }
    }));
    this.#tookMs += performance.now() - began;
  }

  /** What one operation cost, with the CPU time of the process since it began, in whoever's turns. */
  figures() {
    const operations = this.#times.length;
    return {
      operations,
      cpuMicros: (cpuMicros(this.#target.pid) - this.#cpuBefore) / operations,
      p50Ms: median(this.#times),
      p99Ms: quantile(this.#times, 0.99),
      perSecond: (operations * 1000) / this.#tookMs,
    };
  }

  close() {
    this.#connections.forEach((connection) => connection.close());
  }
}

/** Measures all targets once, each for so long: in turns, and until all is done that this has brought about. */
async function measuredOnce(targets, prepare, ms) {
  const parts = [];
  try {
    for (const target of targets) {
      await target.renew();
      parts.push(await Part.of(target, await prepare(target)));
    }
    parts.forEach((part) => part.begin());
    for (let turn = 0; turn * TURN_MS < ms; turn += 1) {
      // Who comes first changes, so that none has the better place.
      for (const part of turn % 2 === 0 ? parts : parts.toReversed()) await part.turn(TURN_MS);
    }
    await sleep(SETTLE_MS);
    return Object.fromEntries(targets.map(({ name }, index) => [name, parts[index].figures()]));
  } finally {
    parts.forEach((part) => part.close());
  }
}

/**
 * Measures a piece of work at several targets, in turn, over some rounds.
 *
 * @returns the figures of each round, by the names of the targets.
 */
export async function measure(targets, prepare, { rounds, ms, tell }) {
  const measured = [];
  for (let round = 0; round < rounds; round += 1) {
    measured.push(await measuredOnce(targets, prepare, ms));
    tell?.(`round ${round + 1} of ${rounds}`);
  }
  return measured;
}

/**
 * What rounds say together.
 *
 * @returns the rounds, the medians of each target's figures, and the ratios of the first target to each other one: of
 *   CPU time, of the median latency and of throughput, each the median of the rounds' own ratios.
 */
export function summary(rounds) {
  const [ours, ...others] = Object.keys(rounds[0]);
  const medians = {};
  for (const name of [ours, ...others]) {
    const fields = Object.keys(rounds[0][name]);
    medians[name] = Object.fromEntries(fields.map((field) => [field, median(rounds.map((round) => round[name][field]))]));
  }
  const ratio = (other, field) => median(rounds.map((round) => round[ours][field] / round[other][field]));
  const ratios = Object.fromEntries(others.map((other) => [other, {
    cpu: ratio(other, 'cpuMicros'),
    p50: ratio(other, 'p50Ms'),
    throughput: ratio(other, 'perSecond'),
  }]));
  return { rounds, medians, ratios };
}

// Measuring: the same work at several servers, in turn, over several rounds.

import { cpuMicros } from './process.mjs';

/** The part of a segment that is not measured: workerd compiles what is hot meanwhile. */
export const WARM_PART = 1 / 3;

export const median = (numbers) => quantile(numbers, 0.5);

/** A quantile of some numbers, between the two that are next to it. */
export function quantile(numbers, part) {
  const sorted = Float64Array.from(numbers).sort();
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)];
  return below + (sorted[Math.ceil(at)] - below) * (at % 1);
}

/** Repeats an operation over connections, each with one request at a time, for a while; what one of it cost. */
async function segment(target, { workers, operation }, ms) {
  const connections = await Promise.all(Array.from({ length: workers }, () => target.connect()));
  const run = async (lasts) => {
    const times = [];
    const [cpu, began] = [cpuMicros(target.pid), performance.now()];
    const until = began + lasts;
    await Promise.all(connections.map(async (connection, worker) => {
      for (let turn = 0, start = performance.now(); start < until; turn += 1) {
        await operation(connection, worker, turn);
        const end = performance.now();
        times.push(end - start);
        start = end;
      }
    }));
    const [spent, took] = [cpuMicros(target.pid) - cpu, performance.now() - began];
    return {
      operations: times.length,
      cpuMicros: spent / times.length,
      p50Ms: median(times),
      p99Ms: quantile(times, 0.99),
      perSecond: (times.length * 1000) / took,
    };
  };
  try {
    await run(ms * WARM_PART);
    return await run(ms);
  } finally {
    connections.forEach((connection) => connection.close());
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
    const figures = {};
    // Who comes first changes, so that none has the better place.
    for (const target of round % 2 === 0 ? targets : targets.toReversed()) {
      await target.renew();
      figures[target.name] = await segment(target, await prepare(target), ms);
    }
    measured.push(figures);
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

// Whether a call costs more where there are many sessions: `echo` over the same few, before and after.

import { measure, summary } from './measure.mjs';
import { asleep } from './memory.mjs';

/** The sessions that are used. */
const FEW = 10;

/** @returns the figures with few and with many sessions, and the ratios of CPU and latency between them. */
export async function growth(target, many, { rounds, ms, tell }) {
  const prepare = async () => {
    const ids = await target.sessions(FEW);
    return { workers: 1, operation: (connection, worker, turn) => target.echo(connection, ids[turn % FEW], 'x') };
  };
  const look = async () => summary(await measure([target], prepare, { rounds, ms, tell })).medians[target.name];
  await look(); // V8 compiles what is hot meanwhile
  const few = await look();
  await target.sessions(many, tell);
  // While objects that were just opened are put away, each call waits for the closing of their databases.
  await asleep();
  const after = await look();
  return { sessions: [FEW, many], few, many: after, cpu: after.cpuMicros / few.cpuMicros, p50: after.p50Ms / few.p50Ms };
}

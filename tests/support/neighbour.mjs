// Somebody who works on a server while it is tormented, and must not notice.

import { textOf } from './mcp.mjs';
import { pause } from './torture.mjs';

/** Longest that one call of the neighbour may take, in milliseconds: it waits for what others' calls take of a core. */
const NEIGHBOUR_MS = 10_000;
/** Between two calls of the neighbour, in milliseconds. */
const NEIGHBOUR_PAUSE_MS = 25;

/** Calls `echo` of `examples/faults` in a session until it is told to stop; `during.what` is what is done meanwhile. */
export function neighbour(run, session, during) {
  const counts = { calls: 0, wrong: 0, slowestMs: 0 };
  let stopped = false;
  const calling = (async () => {
    while (!stopped) {
      const text = `call ${counts.calls} of the neighbour`;
      const began = performance.now();
      try {
        const answer = textOf(await session.request('tools/call', { name: 'echo', arguments: { text } }, { ms: NEIGHBOUR_MS }), 'echo');
        if (answer !== text) throw new Error(`"${answer}" instead of "${text}"`);
      } catch (error) {
        counts.wrong += 1;
        run.lost(`the neighbour noticed ${during.what}: ${error.message}`);
      }
      counts.calls += 1;
      counts.slowestMs = Math.max(counts.slowestMs, performance.now() - began);
      await pause(NEIGHBOUR_PAUSE_MS);
    }
  })();
  return async () => {
    stopped = true;
    await calling;
    return counts;
  };
}

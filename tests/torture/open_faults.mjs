// Faults of the server that are known and open, each with the assertion that it breaks: docs/reliability.md. The run
// fails until they are mended; what holds again moves to the run it belongs to.

import { modern, Session } from '../support/mcp.mjs';
import { neighbour } from '../support/neighbour.mjs';
import { startServer } from '../support/server.mjs';
import { torture } from '../support/torture.mjs';

/** Longest until a caller knows that its call failed, in milliseconds. */
const DEADLINE_MS = 20_000;

const TOOLS = {
  garbage_id: 'the answer to a request that nobody made is taken for the answer',
  huge_stream: '100 MB of blank lines on a stream hold up the caller and everybody else',
};

await torture('open_faults', { shortMs: 200_000, fullMs: 200_000 }, async (run) => {
  const server = await startServer({ config: 'examples/faults/wrangler.toml' });
  run.atEnd(() => server.stop());
  const session = await Session.open(server.url);
  const during = { what: 'nothing' };
  const stopNeighbour = neighbour(run, await Session.open(server.url), during);
  for (const [name, fault] of Object.entries(TOOLS)) {
    during.what = name;
    for (const [era, call] of [
      ['a session', () => session.request('tools/call', { name, arguments: {} }, { ms: DEADLINE_MS })],
      ['a stateless client', () => modern(server.url, undefined, 'tools/call', { name, arguments: {} }, { ms: DEADLINE_MS })],
    ]) {
      try {
        const { error, result } = await call();
        run.demand(error?.message || result?.isError, `${name}, called by ${era}: ${fault}`);
      } catch (error) {
        run.lost(`${name}, called by ${era}: ${fault}: ${error.message}`);
      }
    }
  }
  const counts = await stopNeighbour();
  run.figure('calls of the neighbour', counts.calls);
  run.figure('calls of the neighbour that went wrong', counts.wrong);
});

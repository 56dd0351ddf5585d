// Bridge: the front Worker and the objects run in two processes, and the connections between them are cut at chance
// bytes, again and again, while both live. No client notices: the answer it reads goes on, as does its stream, and every
// event comes once and in order. Nobody ever comes back with `Last-Event-ID`, and over HTTP+SSE nobody could.

import { startApart } from '../support/apart.mjs';
import { change } from '../support/changes.mjs';
import { Newer, Older } from '../support/steady.mjs';
import { becomes, each, pause, torture } from '../support/torture.mjs';

/** After how many more bytes of the objects' a connection is cut. */
const CUT_BYTES = [0, 4_000];
/** Between two cuts, in milliseconds: some come while a socket is being opened anew, 100 ms after the last. */
const CUT_EVERY_MS = [0, 400];
/** Longest until all calls of a round have begun or all responses are over, and until they have ended, in milliseconds. Each event is written to
 * the disk, and 24 clients have 1,200 in a second where the disk is quick. */
const BEGUN_MS = 20_000;
const ENDED_MS = 120_000;
/** How long what should not come is waited for, in milliseconds. */
const AFTERMATH_MS = 1_000;
/** Every so many-th client speaks HTTP+SSE. */
const OLDER_EVERY = 4;

await torture('bridge', { shortMs: 120_000, fullMs: 600_000 }, async (run) => {
  const clients = run.either(8, 24);
  const rounds = run.either(1, 10);
  const steps = run.either(150, 400);
  const server = await startApart({ config: 'examples/conformance/wrangler.toml' });
  run.atEnd(() => server.stop());
  const crew = await each(Array.from({ length: clients }), 8, (_, index) =>
    (index % OLDER_EVERY === 0 ? Older : Newer).open(run, server.url, `client-${index}`));
  run.say(`${clients} clients have their sessions and streams`);

  const counts = { cuts: 0, cut: 0, inside: 0 };
  for (let round = 1; round <= rounds && run.losses === 0; round += 1) {
    await each(crew, 8, (client) => client.begin(steps));
    run.demand(await becomes(() => crew.every(({ account }) => account.heard > 0), BEGUN_MS), `a call did not begin within ${BEGUN_MS} ms`);
    // Nobody sends anything while it is cut: a request that breaks on its way is another matter.
    const deadline = Date.now() + ENDED_MS;
    while (crew.some(({ account, isOver }) => !account.complete && !isOver) && Date.now() < deadline) {
      await change(server.url, 'tool');
      const { cut, inside } = await server.cut(() => run.between(...CUT_BYTES));
      counts.cuts += 1;
      counts.cut += cut;
      counts.inside += inside;
      await pause(run.between(...CUT_EVERY_MS));
    }
    for (const { account } of crew) account.judge();
    run.demand(await becomes(() => crew.every((client) => client.isOver || client instanceof Older), BEGUN_MS), 'a response went on after its answer');
    run.say(`round ${round} of ${rounds}: ${counts.cut} connections cut, ${crew.filter(({ account }) => account.complete).length} calls ended`);
  }
  await becomes(() => crew.every(({ changes }) => changes >= counts.cuts), ENDED_MS);
  await pause(AFTERMATH_MS);
  for (const { name, changes, listens } of crew) {
    run.demand(changes === counts.cuts, `${name} heard of ${changes} of ${counts.cuts} changes`);
    run.demand(listens, `the stream of ${name} ended`);
  }
  run.demand(counts.inside >= clients, `only ${counts.inside} connections were cut in the middle of what was sent`);

  run.figure('clients', clients);
  run.figure('of them over HTTP+SSE', crew.filter((client) => client instanceof Older).length);
  run.figure('times that all was cut, just after a change', counts.cuts);
  run.figure('connections cut', counts.cut);
  run.figure('connections cut in the middle of what was sent', counts.inside);
  run.figure('calls', crew.reduce((sum, { calls }) => sum + calls, 0));
  run.figure('events of calls', crew.reduce((sum, { heard }) => sum + heard, 0));
  run.figure('notifications heard', crew.reduce((sum, { changes }) => sum + changes, 0));
  for (const client of crew) client.close();
});

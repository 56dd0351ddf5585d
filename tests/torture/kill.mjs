// Kill: clients with calls and streams, while workerd is killed without notice and started again, over and over.
//
// What a client does that loses its connection is what the protocol says: it comes back with `Last-Event-ID`. Every
// event that was stored arrives once, in order, on its stream, and every call ends in one response. Only a POST that
// broke before it had an event id has nothing to come back with: those calls are given up and counted.

import { change, PROMPTS, TOOLS, updated, WATCHED } from '../support/changes.mjs';
import { ONCE, REPEATABLE, Returning } from '../support/returning.mjs';
import { startServer } from '../support/server.mjs';
import { becomes, each, pause, torture } from '../support/torture.mjs';

/** Between two changes that all are told of, in milliseconds. */
const CHANGE_EVERY_MS = 400;
/** How long a server lives between its start and its end, in milliseconds: some die while clients still return. */
const LIFE_MS = [200, 4_000];
/** Longest until all clients have what is theirs once nobody is killed any more, in milliseconds. */
const SETTLE_MS = 90_000;

await torture('kill', { shortMs: 120_000, fullMs: 900_000 }, async (run) => {
  const clients = run.either(8, 50);
  // Drawn before the clients begin to draw: the same seed kills at the same moments.
  const lives = Array.from({ length: run.either(2, 20) }, () => run.between(...LIFE_MS));
  const kills = lives.length;
  let server = await startServer({ config: 'examples/conformance/wrangler.toml' });
  run.atEnd(() => server.stop({ keep: false }));
  const base = server.url;

  const crew = await each(Array.from({ length: clients }), 8, (_, index) => Returning.open(run, base, `client-${index}`));
  run.say(`${clients} clients have their sessions and GET streams`);
  const changes = { tool: { made: 0, tried: 0 }, resource: { made: 0, tried: 0 } };
  let ending = false;
  const changing = (async () => {
    for (let n = 0; !ending; n += 1) {
      const what = n % 2 === 0 ? 'tool' : 'resource';
      changes[what].tried += 1;
      try {
        await change(base, what);
        changes[what].made += 1;
      } catch {
        // The server was killed before it answered: whether it was done is unknown.
      }
      await pause(CHANGE_EVERY_MS);
    }
  })();
  const working = crew.map((client) => client.work());

  const downMs = [];
  for (const [index, life] of lives.entries()) {
    await pause(life);
    const streaming = crew.filter((client) => client.isStreaming).length;
    const killed = Date.now();
    await server.stop({ hard: true, keep: true });
    server = await server.again();
    downMs.push(Date.now() - killed);
    run.say(`kill ${index + 1} of ${kills}: ${life} ms after it was ready, ${streaming} calls on their way, back after ${downMs.at(-1)} ms`);
  }

  ending = true;
  await changing;
  for (const client of crew) client.finish();
  run.demand(
    await Promise.race([Promise.all(working).then(() => true), pause(SETTLE_MS).then(() => false)]),
    `calls without an answer ${SETTLE_MS} ms after the last restart: ${crew.filter((client) => client.isStreaming).map(({ name }) => name)}`,
  );
  run.say('all calls have ended; one last change for all');
  await becomes(() => crew.every((client) => client.listens), SETTLE_MS);
  await change(base, 'prompt');
  await becomes(() => crew.every((client) => client.heard(PROMPTS) > 0), SETTLE_MS);

  for (const client of crew) {
    client.judge();
    run.demand(client.heard(PROMPTS) === 1, `${client.name} heard the last change ${client.heard(PROMPTS)} times`);
    for (const [what, words] of [['tool', TOOLS], ['resource', updated(WATCHED)]]) {
      const [heard, { made, tried }] = [client.heard(words), changes[what]];
      run.demand(heard >= made && heard <= tried, `${client.name} heard ${heard} ${what} changes, where ${made} were answered and ${tried} tried`);
    }
  }
  const sum = (count) => crew.reduce((total, client) => total + count(client), 0);
  run.figure('clients', clients);
  run.figure('kills', kills);
  run.figure('events', sum(({ counts }) => counts.events));
  run.figure('calls', sum(({ counts }) => counts.calls));
  run.figure('calls with a result', sum(({ counts }) => counts.results));
  run.figure('calls with the replayable error of a restart', sum(({ counts }) => counts.errors));
  const cutOff = (name, how) => sum(({ counts }) => counts.cutOff[name][how]);
  run.demand(cutOff(REPEATABLE, 'results') > cutOff(REPEATABLE, 'errors'), 'most calls that may be made again end with an error');
  for (const [what, name] of [['that may be made again', REPEATABLE], ['that may not', ONCE]]) {
    run.figure(`calls ${what} that were cut off: with their result`, cutOff(name, 'results'));
    run.figure(`calls ${what} that were cut off: with the error`, cutOff(name, 'errors'));
  }
  run.figure('calls whose POST broke before an event id', sum(({ counts }) => counts.unheard));
  run.figure('returns with Last-Event-ID', sum(({ counts }) => counts.returns));
  run.figure('changes answered', changes.tool.made + changes.resource.made);
  run.figure('changes tried', changes.tool.tried + changes.resource.tried);
  run.figure('notifications heard', sum((client) => client.heard(TOOLS) + client.heard(updated(WATCHED)) + client.heard(PROMPTS)));
  run.figure('events that only a call given up can have had', sum(({ counts }) => counts.unseen));
  run.figure('longest restart', Math.max(...downMs), 'ms');
});

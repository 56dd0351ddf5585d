// Sleep: many quiet GET streams. Their objects go to sleep and nothing wakes them, which the operator's diagnostics
// tell: each was constructed for its session's first message, and once more by the question itself. The streams are alive
// all the while, and a message that comes then reaches every one.

import { randomBytes } from 'node:crypto';
import { change, TOOLS } from '../support/changes.mjs';
import { Ear } from '../support/ear.mjs';
import { exchange } from '../support/http.mjs';
import { Session } from '../support/mcp.mjs';
import { tellMemory } from '../support/memory.mjs';
import { openStream } from '../support/returning.mjs';
import { startServer } from '../support/server.mjs';
import { becomes, each, pause, torture } from '../support/torture.mjs';

/** How often a quiet stream gets a comment, in milliseconds: `KEEP_ALIVE` of src/endpoint/bridge.rs. */
const KEEP_ALIVE_MS = 25_000;
/** Sessions that are opened or asked about at the same time. */
const AT_ONCE = 8;
/** Longest until a message has reached all, in milliseconds. */
const DELIVERED_MS = 30_000;

await torture('sleep', { shortMs: 150_000, fullMs: 400_000 }, async (run) => {
  const count = run.either(20, 200);
  const quietMs = run.either(40_000, 120_000);
  const token = randomBytes(32).toString('hex');
  const server = await startServer({
    config: 'examples/conformance/wrangler.toml',
    vars: { DIAGNOSTICS: 'on', ADMIN_TOKEN: token, SESSIONS_PER_USER: 20_000 },
  });
  run.atEnd(() => server.stop());
  const diagnosed = async ({ session }) => {
    const answer = await exchange(`${server.url}/admin/sessions/${session.id}`, { headers: { authorization: `Bearer ${token}` } });
    return answer.status === 200 ? answer.json() : { status: answer.status };
  };

  await tellMemory(run, server, 'before');
  const clients = await each(Array.from({ length: count }), AT_ONCE, async () => {
    const session = await Session.open(server.url);
    const heard = [];
    const ear = new Ear(await openStream(session), (message) => heard.push(message.method));
    return { session, ear, heard };
  });
  run.say(`${count} streams are open; nothing happens for ${quietMs / 1000} s`);
  await pause(quietMs);
  await tellMemory(run, server, 'after the quiet');

  const alive = clients.filter(({ ear }) => ear.open);
  run.demand(alive.length === count, `${count - alive.length} of ${count} streams ended by themselves`);
  const comments = clients.map(({ ear }) => ear.comments);
  const due = Math.floor(quietMs / KEEP_ALIVE_MS);
  run.demand(Math.min(...comments) >= due, `a stream had ${Math.min(...comments)} keep-alives, where ${due} were due`);
  run.demand(clients.every(({ heard }) => heard.length === 0), 'a quiet stream was told something');

  const told = await each(clients, AT_ONCE, diagnosed);
  const odd = told.filter(({ constructed }) => constructed !== 2);
  run.demand(odd.length === 0, `${odd.length} of ${count} objects were not constructed exactly twice, such as ${JSON.stringify(odd[0])}`);
  const deaf = told.filter(({ sockets }) => sockets !== 1);
  run.demand(deaf.length === 0, `${deaf.length} of ${count} objects have not one socket, such as ${JSON.stringify(deaf[0])}`);

  await change(server.url, 'tool');
  const changed = performance.now();
  await becomes(() => clients.every(({ heard }) => heard.length > 0), DELIVERED_MS);
  const deliveredMs = performance.now() - changed;
  await pause(1_000);
  const served = clients.filter(({ heard }) => heard.length === 1 && heard[0] === TOOLS.method);
  run.demand(served.length === count, `${served.length} of ${count} streams brought the message exactly once`);

  run.figure('streams', count);
  run.figure('quiet', quietMs / 1000, 's');
  run.figure('keep-alives per stream', [Math.min(...comments), Math.max(...comments)]);
  run.figure('objects constructed twice only', count - odd.length);
  run.figure('streams that brought the message', served.length);
  run.figure('the message to all took', Math.round(deliveredMs), 'ms');
  run.figure('bytes of a session\'s database', Math.max(...told.map(({ bytes }) => bytes ?? 0)));
  for (const { ear } of clients) ear.close();
});

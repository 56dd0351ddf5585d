// Records: many calls while the queue of records and D1 fail at random, before they have done anything or after, so that
// nobody can tell. Then the queue fails altogether, and the server is started again with one that works. Each call has one
// row in the audit and counts once as used, and the chain is whole.
//
// `tests/faulty` fails as often as the variable `RECORDS_FAULTS` says.

import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exchange } from '../support/http.mjs';
import { logIn } from '../support/login.mjs';
import { modern, Session } from '../support/mcp.mjs';
import { claims } from '../support/oauth.mjs';
import { outboxes, verify, withDatabase } from '../support/records.mjs';
import { startServer } from '../support/server.mjs';
import { becomes, each, torture } from '../support/torture.mjs';

/** How often a request to the queue or to D1 fails, in thousandths, at each of the places where it can. */
const FAULTS = { short: 100, full: 200 };
/** What the operator shows. */
const ADMIN_TOKEN = randomBytes(16).toString('hex');
/** Calls at a time. */
const AT_ONCE = 16;
/** Users, of whom each has a session. */
const USERS = 4;
/** Longest until the last record has its row, in milliseconds: a message is delivered again after 5 s. */
const ARRIVAL_MS = 300_000;
/** Longest until records that the queue does not take are kept by accounts, in milliseconds. */
const KEPT_MS = 60_000;

await torture('records', { shortMs: 150_000, fullMs: 900_000 }, async (run) => {
  const calls = run.either(200, 10_000);
  const callsInOutage = run.either(50, 500);
  const persist = await mkdtemp(join(tmpdir(), 'sessile-records-'));
  let server;
  run.atEnd(() => rm(persist, { recursive: true, force: true }));
  run.atEnd(() => server?.stop());
  const start = async (faults) => {
    server = await startServer({ config: 'tests/faulty/front/wrangler.toml', persist, vars: { RECORDS_FAULTS: faults, ADMIN_TOKEN } });
  };
  let made = 0;
  const call = async (count) => {
    const users = await Promise.all(Array.from({ length: USERS }, () => logIn(server.url)));
    const sessions = await Promise.all(users.map(({ token }) => Session.open(server.url, token)));
    const began = performance.now();
    await each(Array.from({ length: count }, (_, index) => made + index), AT_ONCE, async (number) => {
      const params = { name: 'echo', arguments: { text: `call ${number}` } };
      const who = number % USERS;
      const reply = number % 2 ? await sessions[who].request('tools/call', params) : await modern(server.url, users[who].token, 'tools/call', params);
      run.demand(reply.result?.content?.[0]?.text === params.arguments.text, `call ${number}: ${JSON.stringify(reply).slice(0, 300)}`);
    });
    made += count;
    run.figure('calls a second', Math.round((count * 1000) / (performance.now() - began)));
    return users;
  };

  await start(run.either(FAULTS.short, FAULTS.full));
  await call(calls);
  const began = performance.now();
  await becomes(() => arrived(persist) >= calls, ARRIVAL_MS, 250);
  run.figure('the last row, after the last call', Math.round(performance.now() - began), 'ms');
  const kept = outboxes(persist).length;
  run.figure('accounts that had to keep records', kept);
  await server.stop({ keep: true });

  run.say('the queue fails altogether');
  await start(1000);
  const users = await call(callsInOutage);
  // An admin's doing is kept before the answer: nothing is waited for between the two.
  const account = claims(users[0].token).sub;
  const enabled = await exchange(`${server.url}/admin/accounts/${account}/enable`, { method: 'POST', headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  run.demand(enabled.status === 200, `the operator is answered with ${enabled.status}: ${await enabled.text()}`);
  const isKept = outboxes(persist).flat().some(({ records }) => records.some(({ name, target }) => name === 'user: enable' && target === account));
  run.demand(isKept, 'what the operator did is kept nowhere when it is answered');
  // Each of these calls: others may be kept as well, of which the queue only said that it failed.
  const outage = Array.from({ length: callsInOutage }, (_, index) => digest(calls + index));
  const notKept = () => {
    const kept = waiting(persist);
    return outage.filter((it) => !kept.has(it)).length;
  };
  await becomes(() => notKept() === 0, KEPT_MS, 250);
  run.demand(notKept() === 0, `${notKept()} of ${callsInOutage} calls are kept by no account`);
  run.demand(arrived(persist) === calls, `${arrived(persist) - calls} rows more than calls, before the queue works again`);
  await server.stop({ keep: true });

  run.say('the queue works again');
  await start(0);
  await becomes(() => arrived(persist) >= calls + callsInOutage && waiting(persist).size === 0, ARRIVAL_MS, 250);
  await server.stop({ keep: true });
  judge(run, persist, calls + callsInOutage);
  const { code, said } = await verify(persist);
  run.demand(code === 0, said);
  run.figure('verified', said.trim());
});

/** Each call has one row, and counts once. */
function judge(run, persist, calls) {
  const rows = new Map();
  withDatabase(persist, (database) => {
    for (const { record } of database.prepare("SELECT record FROM audit WHERE name = 'echo'").iterate()) {
      const { digest: it } = JSON.parse(record).arguments;
      rows.set(it, (rows.get(it) ?? 0) + 1);
    }
  });
  let missing = 0;
  let more = 0;
  for (let number = 0; number < calls; number += 1) {
    const count = rows.get(digest(number)) ?? 0;
    if (count === 0) missing += 1;
    if (count > 1) more += 1;
  }
  run.figure('audited calls', calls);
  run.demand(missing === 0, `${missing} calls have no row`);
  run.demand(more === 0, `${more} calls have more than one row`);
  const used = withDatabase(persist, (database) => database.prepare("SELECT SUM(calls) AS calls FROM usage WHERE tool = 'echo'").get().calls);
  run.demand(used === calls, `${used} calls count as used`);
}

/** Rows of calls. */
function arrived(persist) {
  return withDatabase(persist, (database) => database.prepare("SELECT COUNT(*) AS count FROM audit WHERE name = 'echo'").get().count);
}

/** The arguments of calls in the outboxes of accounts. */
function waiting(persist) {
  const records = outboxes(persist).flat().flatMap((batch) => batch.records);
  return new Set(records.filter(({ name }) => name === 'echo').map((record) => record.arguments.digest));
}

/** The arguments of a call, as its record has them. */
function digest(number) {
  return createHash('sha256').update(JSON.stringify({ text: `call ${number}` })).digest('base64url');
}

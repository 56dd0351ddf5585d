// Ends: sessions are opened, used and ended, more of them than a user may have, while requests to accounts and theirs to
// sessions fail at random, before they have done anything or after, so that nobody can tell. Then nothing fails any more.
// Who was told that a session has ended finds none; what lives counts, what has ended does not and keeps nothing.
//
// `tests/faulty` fails as often as the variable `ACCOUNTS_FAULTS` says.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logIn } from '../support/login.mjs';
import { initializeBody, LATEST_WITH_SESSIONS, nextId, send } from '../support/mcp.mjs';
import { withObjects } from '../support/objects.mjs';
import { startServer } from '../support/server.mjs';
import { becomes, each, torture } from '../support/torture.mjs';

/** How often a request fails, in thousandths, at each of the two places where it can. */
const FAULTS = 250;
/** Sessions that the user may have. */
const SESSIONS_PER_USER = 40;
/** Clients at a time, each with a session. With what is left or was opened for nobody, they are too many. */
const AT_ONCE = 16;
/** What a client does before it ends its session, or leaves it. */
const DEEDS = [[], ['echo'], ['slow'], ['echo', 'slow']];
/** The tools by which it does so; of a stream, such as `slow` has, the session stores something. */
const ARGUMENTS = { echo: { text: 'a' }, slow: { steps: 1 } };
/** How often a client tries the same: nearly every second request to an account fails. */
const TRIES_MAX = 100;
/** Longest until all is told that could not be, in milliseconds: it is tried again after a minute. */
const TOLD_MS = 150_000;

await torture('ends', { shortMs: 240_000, fullMs: 900_000 }, async (run) => {
  const persist = await mkdtemp(join(tmpdir(), 'sessile-ends-'));
  let server;
  run.atEnd(() => rm(persist, { recursive: true, force: true }));
  run.atEnd(() => server?.stop());
  const start = async (faults) => {
    await server?.stop({ keep: true });
    const vars = { ACCOUNTS_FAULTS: faults, SESSIONS_PER_USER, QUOTA_BURST: 100_000, QUOTA_PER_MINUTE: 100_000 };
    server = await startServer({ config: 'tests/faulty/front/wrangler.toml', persist, port: server?.port, vars });
  };
  await start(0);
  const { token } = await logIn(server.url);
  const failed = { opening: 0, calling: 0, ending: 0 };
  let calls = 0;

  /** Sends until the server does not fail; the status, the id of the session that was opened, and the body. */
  const until = async (what, options) => {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const answer = await send(server.url, { token, version: LATEST_WITH_SESSIONS, ...options(), ms: 30_000 });
      const text = await answer.text();
      if (answer.status < 500) return { status: answer.status, session: answer.header('mcp-session-id'), text };
      failed[what] += 1;
    }
    throw new Error(`${what} failed ${TRIES_MAX} times`);
  };
  const call = async (session, name) => {
    const params = () => ({ name, arguments: ARGUMENTS[name], _meta: { progressToken: nextId() } });
    const { status, text } = await until('calling', () => ({ session, body: { jsonrpc: '2.0', id: nextId(), method: 'tools/call', params: params() } }));
    // One that gives way meanwhile has no answer.
    run.demand(status === 404 || !text.includes('-32602'), `a call is answered with ${status}: ${text.slice(0, 300)}`);
    return text.includes('"result"');
  };
  const live = async (session) => {
    const { status } = await until('calling', () => ({ session, body: { jsonrpc: '2.0', id: nextId(), method: 'ping' } }));
    run.demand(status === 200 || status === 404, `a session that was opened answers ${status}`);
    return status === 200;
  };
  const end = async (session) => (await until('ending', () => ({ method: 'DELETE', session }))).status;

  await start(FAULTS);
  const ended = await each(Array(run.either(80, 1_000)).keys(), AT_ONCE, async (number) => {
    const opened = await until('opening', () => ({ version: undefined, body: initializeBody() }));
    const { session } = opened;
    if (!run.demand(opened.status === 200 && session, `opening is answered with ${opened.status}`)) return undefined;
    const ends = number % 2 > 0;
    for (const deed of DEEDS[(number >> 1) % DEEDS.length]) {
      // Others count while this one waits.
      const answered = await call(session, deed);
      calls += Number(answered);
    }
    if (ends) {
      const status = await end(session);
      run.demand(status === 204 || status === 404, `the end of a session is answered with ${status}`);
      run.demand(!(await live(session)), `session ${number} has ended and goes on`);
    }
    return { session, ends };
  });
  const sessions = ended.filter(Boolean);
  run.figure('sessions', sessions.length);
  run.figure('calls that were answered', calls);
  run.demand(calls > sessions.length / 4, 'too few calls were answered for this to say anything');
  run.figure('requests that failed', failed);

  run.say('nothing fails any more');
  await start(0);
  const settled = await becomes(() => rows(persist).every(({ opened }) => opened > 0), TOLD_MS, 250);
  run.demand(settled, `${rows(persist).filter(({ opened }) => opened === 0).length} sessions gave way and were never told so`);
  const lives = await each(sessions, AT_ONCE, async ({ session }) => ((await live(session)) ? session : undefined));
  const back = sessions.filter(({ ends }, index) => ends && lives[index]);
  run.demand(back.length === 0, `${back.length} sessions have ended and are there again`);
  const living = lives.filter(Boolean);
  run.figure('sessions that live', living.length);
  const counted = rows(persist).length;
  run.demand(counted <= SESSIONS_PER_USER, `${counted} sessions count, of ${SESSIONS_PER_USER} there may be`);
  await each(living, AT_ONCE, end);
  // What is left was opened for nobody: its opening was done, and failed.
  const left = counted - living.length;
  const eachCounted = await becomes(() => rows(persist).length === left, TOLD_MS, 250);
  run.demand(eachCounted, `${counted} sessions counted, ${living.length} of them lived and have ended, and ${rows(persist).length} are left`);
  run.demand(left <= failed.opening, `${left} sessions are nobody's, and ${failed.opening} openings failed`);
  run.figure('sessions that were opened for nobody', left);
  run.demand(await becomes(() => keeping(persist) === 0, TOLD_MS, 250), `${keeping(persist)} objects keep what is over`);
});

/** The sessions that accounts have. */
function rows(persist) {
  return withObjects(persist, 'AccountObject', (database, has) => (has('sessions') ? database.prepare('SELECT opened FROM sessions').all() : [])).flat();
}

/** How many sessions' objects keep anything. */
function keeping(persist) {
  return withObjects(persist, 'SessionObject', (database, has) => has('_cf_KV') && database.prepare('SELECT 1 FROM _cf_KV LIMIT 1').get() !== undefined).filter(Boolean).length;
}

// Quota: one user with many sessions and stateless clients asks for ten times what is allowed, while the runtime is
// killed. No more is admitted than the policy allows, and nearly all of it; another user notices nothing. The same for
// calls of which a few may run at once. Then clients that wait as they are told, each of which has to get through at the
// first try; and what calls cost in visits to the account while nobody is refused.

import { randomBytes } from 'node:crypto';
import { Session } from '../support/mcp.mjs';
import { attempt, excess, Operator, somebody } from '../support/quota.mjs';
import { startServer } from '../support/server.mjs';
import { each, pause, torture } from '../support/torture.mjs';

/** What the hammering user is allowed: what is gained while the server is down has to fit into the burst. */
const BURST = 150;
const PER_MINUTE = 600;
const PER_SECOND = PER_MINUTE / 60;
/** How much more is asked for. */
const TIMES = 10;
/** The least share of what is allowed that has to be admitted. */
const SHARE_MIN = 0.97;
/** How many calls have to be answered for each that is allowed, to tell what share is admitted. */
const TOLD_BY = 3;
/** The least share of those who come back as told that has to get through. */
const TRUE_MIN = 0.99;
/** The most visits to the account for each admitted call, while nobody is refused. */
const VISITS_MAX = 0.05;
/** Wide enough for whoever is not what a part of the run is about. */
const WIDE = { per_minute: { amount: 100_000 } };
/** How many calls may run at once where that is bounded, and how long a step of theirs takes, in milliseconds. */
const AT_ONCE = 4;
const STEP_MS = 200;
/** How much longer timers make a call at most; what a busy machine adds beyond is not taken for its work. */
const STEPS_LATE_MAX = 1.02;
/** Between two calls of the other user, in milliseconds. */
const OTHER_PAUSE_MS = 500;

await torture('quota', { shortMs: 120_000, fullMs: 600_000 }, async (run) => {
  const TOKEN = randomBytes(16).toString('hex');
  let server = await startServer({ config: 'examples/faults/wrangler.toml', vars: { ADMIN_TOKEN: TOKEN } });
  run.atEnd(() => server.stop({ keep: false }));
  const operator = new Operator(server.url, TOKEN);
  const base = server.url;

  await exact(run, operator);
  await atOnce(run, operator);
  await truthful(run, operator);
  await cheap(run, operator);

  /**
   * Kills the runtime so often while something goes on for so long. Gives when it was killed each time, and when its
   * objects answered again; and how often the user's account was asked meanwhile, which counts anew each time.
   */
  async function killing(run, kills, seconds, user) {
    const gaps = [];
    let visits = 0;
    for (let number = 1; number <= kills; number += 1) {
      await pause((seconds * 1_000) / (kills + 1));
      visits += await operator.visits(user);
      const killed = Date.now();
      await server.stop({ hard: true, keep: true });
      server = await server.again();
      await operator.visits(user);
      const back = Date.now();
      gaps.push({ killed, back });
      run.say(`kill ${number} of ${kills}, back after ${back - killed} ms`);
    }
    await pause((seconds * 1_000) / (kills + 1));
    visits += await operator.visits(user);
    return { gaps, visits };
  }

  /**
   * Has clients ask again and again, ten times as much as is allowed, until it is stopped: what was admitted and how
   * often they were refused. What a kill cut off, or was sent while nobody was there, is counted apart. `asked` is when
   * each call was sent that somebody was there for.
   */
  function hammer(run, clients, perSecond, call) {
    const counts = { admitted: [], refused: 0, cut: 0, nobody: 0, asked: [] };
    const everyMs = (clients.length * 1_000) / (perSecond * TIMES);
    let ended = false;
    const hammering = clients.map(async (client) => {
      await pause(run.random() * everyMs);
      while (!ended) {
        const sent = Date.now();
        try {
          const made = await attempt(client, call);
          counts.asked.push(sent);
          if (made.status === 200) counts.admitted.push(made);
          else if (made.status === 429) counts.refused += 1;
          else run.lost(`a call of many: ${made.status} ${JSON.stringify(made.error)}`);
        } catch (error) {
          const isThere = !/ECONNREFUSED/.test(error.message);
          counts[isThere ? 'cut' : 'nobody'] += 1;
          if (isThere) counts.asked.push(sent);
        }
        await pause(Math.max(0, sent + everyMs - Date.now()));
      }
    });
    const stop = () => {
      ended = true;
      return Promise.all(hammering);
    };
    return { counts, stop };
  }

  /** A user with so many clients, each with a session or without. */
  async function clientsOf(name, policy, sessions, stateless) {
    const user = await somebody(base);
    await operator.allow(user, name, policy);
    const opened = await each(Array.from({ length: sessions }), 8, () => Session.open(base, user.token));
    const clients = opened.map((session) => ({ base, session }));
    // What a stateless client asks for is its own, by which it is known again.
    for (let n = 0; n < stateless; n += 1) clients.push({ base, token: user.token, text: `client ${n}` });
    return { user, clients };
  }

  /** Exact and fair: never more than is allowed, nearly all of it, and nobody else is refused. */
  async function exact(run, operator) {
    const [sessions, stateless, seconds, kills] = [run.either(20, 100), run.either(5, 20), run.either(8, 60), run.either(1, 3)];
    const { user, clients } = await clientsOf('hammered', WIDE, sessions, stateless);
    const other = await clientsOf('other', { per_minute: { amount: PER_MINUTE, burst: BURST } }, 1, 1);
    run.say(`${sessions} sessions and ${stateless} stateless clients of one user`);

    let [others, ended] = [0, false];
    const began = Date.now();
    await operator.allow(user, 'hammered', { per_minute: { amount: PER_MINUTE, burst: BURST } });
    const hammering = hammer(run, clients, PER_SECOND);
    const calm = other.clients.map(async (client) => {
      while (!ended) {
        const made = await attempt(client).catch(() => undefined);
        if (made?.status === 200) others += 1;
        else if (made) run.lost(`the other user: ${made.status} ${JSON.stringify(made.error)}`);
        await pause(OTHER_PAUSE_MS);
      }
    });
    // The time that the server is down comes on top: what is gained then can be used when it is back.
    const { visits } = await killing(run, kills, seconds, user);
    ended = true;
    const took = (Date.now() - began) / 1_000;
    await Promise.all([hammering.stop(), ...calm]);
    const { counts } = hammering;

    const allowed = BURST + PER_SECOND * took;
    const over = excess(counts.admitted, { burst: BURST, perSecond: PER_SECOND });
    const answered = counts.admitted.length + counts.refused;
    // Which of the calls that a kill cut off were admitted, nobody can tell: they count as if none was.
    const share = counts.admitted.length / allowed;
    run.figure('calls asked for', answered + counts.cut + counts.nobody);
    run.figure('calls allowed', Math.floor(allowed));
    run.figure('calls admitted', counts.admitted.length);
    run.figure('calls cut off by a kill', counts.cut);
    run.figure('share of what is allowed', Math.round(share * 1_000) / 10, '%');
    run.figure('room left in the fullest span of time', Math.round(-over * 10) / 10, 'calls');
    run.figure('visits to the account per call asked for', Math.round((visits / answered) * 1_000) / 1_000);
    run.figure('calls of the other user', others);
    run.demand(over <= 0, `${over} calls too many were admitted in a span of time`);
    // A machine that answers hardly more calls than are allowed cannot tell who did not admit them, and has many on
    // their way when it is killed.
    run.figure('calls answered, for each that is allowed', Math.round((answered / allowed) * 10) / 10);
    run.demand(answered < TOLD_BY * allowed || share >= run.either(0.9, SHARE_MIN), `only ${counts.admitted.length} of ${Math.floor(allowed)} calls were admitted`);
    run.demand(others >= seconds / 6, `the other user made ${others} calls only`);
  }

  /**
   * Truthful: who waits exactly as long as told gets through. The burst holds what is gained while a busy machine is
   * late.
   */
  async function truthful(run, operator) {
    const [sessions, stateless, wanted] = [run.either(20, 80), run.either(5, 20), run.either(60, 1_000)];
    const { user, clients } = await clientsOf('waiting', WIDE, sessions, stateless);
    await operator.allow(user, 'waiting', { per_minute: { amount: 1_200, burst: run.either(40, 200) } });
    const told = { through: 0, again: 0, againInSession: 0, longestMs: 0 };
    const waiting = clients.map(async (client) => {
      let back = false;
      while (told.through + told.again < wanted || back) {
        const made = await attempt(client);
        if (back) told[made.status === 200 ? 'through' : 'again'] += 1;
        if (back && made.status !== 200 && client.session) told.againInSession += 1;
        back = made.status === 429;
        if (!back) continue;
        told.longestMs = Math.max(told.longestMs, made.retryAfterMs);
        await pause(made.answered + made.retryAfterMs - Date.now());
      }
    });
    await Promise.all(waiting);
    const share = told.through / (told.through + told.again);
    run.figure('refused calls, repeated as told', told.through + told.again);
    run.figure('of them through at the first try', Math.round(share * 1_000) / 10, '%');
    run.figure('of those that were not, in a session', told.againInSession);
    run.figure('longest wait that was told', told.longestMs / 1_000, 's');
    run.demand(share >= TRUE_MIN, `${told.again} of ${told.through + told.again} calls were refused again after they waited as told`);
  }

  /** Cheap: at a steady pace nearly every call is spent from a lease. */
  async function cheap(run, operator) {
    const [sessions, stateless, seconds] = [run.either(2, 6), run.either(4, 6), run.either(4, 20)];
    const { user, clients } = await clientsOf('steady', WIDE, sessions, stateless);
    let [calls, ended] = [0, false];
    const calling = clients.map(async (client) => {
      while (!ended) {
        const made = await attempt(client);
        run.demand(made.status === 200, `a call within the limit: ${made.status}`);
        calls += 1;
      }
    });
    await pause(run.either(2_000, 10_000)); // until the leases have grown to the pace
    const before = { calls, visits: await operator.visits(user) };
    await pause(seconds * 1_000);
    const after = { calls, visits: await operator.visits(user) };
    ended = true;
    await Promise.all(calling);
    const perCall = (after.visits - before.visits) / (after.calls - before.calls);
    run.figure('calls at a steady pace', after.calls - before.calls);
    run.figure('visits to the account per admitted call', Math.round(perCall * 10_000) / 10_000);
    run.demand(perCall <= VISITS_MAX, `${perCall} visits for a call`);
  }

  /** Exact, for calls at once: never more than may, and the permits are in use nearly all of the time. */
  async function atOnce(run, operator) {
    const [sessions, stateless, seconds, kills, steps] = [run.either(10, 100), run.either(3, 20), run.either(8, 60), run.either(1, 3), run.either(5, 20)];
    const { user, clients } = await clientsOf('at-once', WIDE, sessions, stateless);
    await operator.allow(user, 'at-once', { ...WIDE, concurrent: AT_ONCE });
    const perSecond = (AT_ONCE * 1_000) / (steps * STEP_MS);
    const began = Date.now();
    const hammering = hammer(run, clients, perSecond, { name: 'slow', args: { steps } });
    const { gaps, visits } = await killing(run, kills, seconds, user);
    const until = Date.now();
    await hammering.stop();
    const { admitted, refused, cut, asked } = hammering.counts;
    // A call ran for as long as the quickest of all took, whose steps are a little longer than they should be; at the
    // latest right before its answer. What ran for less than that when the runtime was killed left no trace.
    const quickestMs = Math.min(steps * STEP_MS * STEPS_LATE_MAX, ...admitted.map(({ sent, answered }) => answered - sent));
    const begins = [began, ...gaps.map(({ back }) => back)];
    const ends = [...gaps.map(({ killed }) => killed - quickestMs), until];
    const lives = begins.map((from, life) => ({ from, to: ends[life] }));
    const within = ({ from, to }, { answered }) => Math.max(0, Math.min(answered, to) - Math.max(answered - quickestMs, from));
    const sum = (numbers) => numbers.reduce((all, number) => all + number, 0);
    const used = sum(lives.flatMap((life) => admitted.map((call) => within(life, call))));
    // No permit can be in use before somebody asks for it: after a kill that takes as many calls as there are permits.
    const firsts = (since) => asked.filter((sent) => sent >= since).sort((one, other) => one - other).slice(0, AT_ONCE);
    const usable = lives.flatMap(({ from, to }, life) => firsts(gaps[life - 1]?.killed ?? began).map((sent) => to - Math.max(from, sent)));
    const share = used / sum(usable);
    const over = excess(admitted, { burst: 0, perSecond });
    run.figure('calls of which some may run at once', admitted.length);
    run.figure('of them refused after they stood in line', refused);
    run.figure('of them cut off by a kill', cut);
    run.figure('the quickest of them', quickestMs, 'ms');
    run.figure('visits to the account for each of them', Math.round((visits / admitted.length) * 10) / 10);
    run.figure('share of the time that the permits were in use', Math.round(share * 1_000) / 10, '%');
    run.demand(over <= 0, `${over} calls too many ran at once`);
    run.demand(share >= run.either(0.6, SHARE_MIN), `the permits were in use for ${share} of the time only`);
  }
});

// Measures Sessile beside the floors. Started by `cargo xtask bench`, which builds first and says what to do; prints as
// it goes and leaves its figures as JSON.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { growth } from './growth.mjs';
import { measure, summary } from './measure.mjs';
import { memory } from './memory.mjs';
import { plot } from './plot.mjs';
import { profile, top } from './profile.mjs';
import { check, line, say, table, tell } from './report.mjs';
import { keep, origin } from './results.mjs';
import { bundleOf, FLOORS, floorWithBindings, freePorts, serve, sessile, url } from './serve.mjs';
import { gzipped } from './size.mjs';
import { starts } from './start.mjs';
import { Target } from './target.mjs';
import { WORK } from './work.mjs';

const { values: options } = parseArgs({
  options: {
    config: { type: 'string', multiple: true },
    compiler: { type: 'string' },
    port: { type: 'string' },
    persist: { type: 'string' },
    'tool-worker-config': { type: 'string', multiple: true },
    'tool-worker-port': { type: 'string' },
    'tool-worker-persist': { type: 'string' },
    servers: { type: 'string' },
    rounds: { type: 'string' },
    ms: { type: 'string' },
    quick: { type: 'boolean' },
    check: { type: 'boolean' },
    plots: { type: 'string' },
    profile: { type: 'string' },
    profiles: { type: 'string' },
    only: { type: 'string', multiple: true, default: [] },
    out: { type: 'string' },
  },
});
const quick = options.quick ?? false;
/** Servers of a name, one after the other: what V8 makes of the code when a server is warmed stays as long as it runs. */
const SERVERS = Number(options.servers ?? (quick ? 1 : 3));
/** Rounds with each of them. */
const ROUNDS = Number(options.rounds ?? (quick ? 1 : 3));
const ROUND_MS = Number(options.ms ?? (quick ? 1_500 : 2_000));
/** How long each piece of work is done before it is measured. */
const WARM_MS = quick ? 1_000 : 10_000;
/** The work that has most in common with the rest, and how long it is done before anything is measured. */
const [COMMON, COMMON_MS] = [['echo, 64 sessions, 16 bytes', 'echo, stateless, 32 connections, 16 bytes'], quick ? 1_000 : 30_000];
/** Sessions where there are many, those whose memory is looked at, and how often a server is started. */
const [MANY, WEIGHED, STARTS] = quick ? [1_000, 300, 3] : [10_000, 1_000, 9];
const PROFILE_MS = 6_000;
const PORTAL = 'sessile-portal';

const isWanted = (name) => options.only.length === 0 || options.only.some((word) => name.includes(word));
const folder = await mkdtemp(join(tmpdir(), 'sessile-bench-'));

/** What is ours, with the demo's tools linked and behind a tool Worker. The port is a part of the configuration. */
const ours = (prefix) => ({
  configs: options[`${prefix}config`],
  port: Number(options[`${prefix}port`]),
  persist: options[`${prefix}persist`],
});
const OURS = { sessile: ours(''), 'sessile, tool Worker': ours('tool-worker-') };

/** Starts what is measured under a name; with a login, if it needs one. */
async function begin(name, floorPort, more) {
  if (name in OURS) {
    const { configs, port, persist } = OURS[name];
    const server = await serve(sessile(configs, port), persist, more);
    return { target: await Target.withLogin(name, url(port), server.pid), server };
  }
  const server = await serve(FLOORS[name](floorPort), await mkdtemp(join(folder, 'floor-')), more);
  return { target: new Target(name, url(floorPort), server.pid), server };
}

/** Has servers of their own for a while. */
async function withServers(names, work, more) {
  const running = {};
  const ports = await freePorts(names.length);
  try {
    for (const [index, name] of names.entries()) {
      running[name] = await begin(name, ports[index], more?.[name]);
    }
    return await work(Object.fromEntries(Object.entries(running).map(([name, { target }]) => [name, target])));
  } finally {
    await Promise.all(Object.values(running).map(({ server }) => server.stop()));
  }
}

/** The work that repeats an operation. */
async function repeated(wanted) {
  const rounds = Object.fromEntries(wanted.map(([name]) => [name, []]));
  const names = [...new Set(wanted.flatMap(([, { at }]) => at))];
  for (let turn = 1; turn <= SERVERS; turn += 1) {
    await withServers(names, async (targets) => {
      const told = (words) => tell(`servers ${turn} of ${SERVERS}: ${words}`);
      for (const { at, prepare } of COMMON.map((name) => WORK[name])) {
        if (at.some((it) => !(it in targets))) continue;
        await measure(at.map((it) => targets[it]), prepare, { rounds: 1, ms: COMMON_MS, tell: () => told('warm') });
      }
      for (const [name, { at, prepare }] of wanted) {
        const all = at.map((it) => targets[it]);
        // The first time is thrown away: V8 compiles what is hot, which takes it thousands of calls.
        await measure(all, prepare, { rounds: 1, ms: WARM_MS, tell: () => told(`${name}: warm`) });
        rounds[name].push(...await measure(all, prepare, { rounds: ROUNDS, ms: ROUND_MS, tell: (words) => told(`${name}: ${words}`) }));
        if (turn === SERVERS) line(name, summary(rounds[name]));
      }
    });
  }
  return Object.fromEntries(Object.entries(rounds).map(([name, all]) => [name, summary(all)]));
}

const sides = (work, more) => withServers(['sessile', 'floor'], work, more);

const grown = () =>
  sides(async (targets) => {
    const results = {};
    for (const [name, target] of Object.entries(targets)) {
      results[name] = await growth(target, MANY, { rounds: SERVERS * ROUNDS, ms: ROUND_MS, tell });
      say(`echo with ${MANY} sessions, ${name.padEnd(8)} CPU ${results[name].cpu.toFixed(2)} ×, p50 ${results[name].p50.toFixed(2)} × of that with few`);
    }
    return results;
  });

async function weighed() {
  const inspectorPorts = await freePorts(2);
  const more = { sessile: { inspectorPort: inspectorPorts[0] }, floor: { inspectorPort: inspectorPorts[1] } };
  return sides(async (targets) => {
    const results = {};
    for (const [name, target] of Object.entries(targets)) {
      results[name] = await memory(target, more[name].inspectorPort, WEIGHED, tell);
      const kb = ({ open, asleep }) => `${(open / 1000).toFixed(1)} kB, asleep ${(asleep / 1000).toFixed(1)} kB`;
      say(`memory of ${name.padEnd(8)} a session ${kb(results[name].sessionBytes)}; a quiet stream ${kb(results[name].streamBytes)}`);
    }
    return results;
  }, more);
}

/** From nothing to the first session. Without the portal, which no client asks that has its token. */
async function started() {
  const { configs, port, persist } = OURS.sessile;
  const [floorPort] = await freePorts(1);
  let known;
  await withServers(['sessile'], async ({ sessile: target }) => {
    known = target;
  });
  const all = sessile(configs, port);
  // On the same port, as the configuration says: they never run at the same time.
  const bound = floorWithBindings(configs, port);
  const stub = { name: PORTAL, compatibilityDate: '2026-11-01', modules: [{ type: 'ESModule', path: 'stub.mjs', contents: 'export default {};' }] };
  const withoutPortal = (workers) => workers.map((worker) => (worker.name === PORTAL ? stub : worker));
  const ask = (target) => async () => {
    const connection = await target.connect();
    await target.open(connection);
    connection.close();
  };
  const candidates = [
    { name: 'sessile', workers: withoutPortal(all), persist, ask: ask(known) },
    { name: 'sessile and portal', workers: all, persist, ask: ask(known) },
    { name: 'floor with the same bindings', workers: withoutPortal(bound), persist: join(folder, 'start-bound'), ask: ask(new Target('floor', url(port))) },
    { name: 'floor', workers: FLOORS.floor(floorPort), persist: join(folder, 'start'), ask: ask(new Target('floor', url(floorPort))) },
  ];
  const results = await starts(candidates, STARTS, join(folder, 'starts'), tell);
  for (const [name, { medianMs }] of Object.entries(results)) say(`start of ${name.padEnd(28)} ${medianMs.toFixed(0)} ms to its first session`);
  return results;
}

/** Runs one piece of work with Sessile alone and tells where its time goes. */
async function profiled(name) {
  if (WORK[name] === undefined) throw new Error(`there is no work called "${name}", but: ${Object.keys(WORK).join('; ')}`);
  const { at: [who], prepare } = WORK[name];
  const [inspectorPort] = await freePorts(1);
  await withServers([who], async ({ [who]: target }) => {
    const run = (ms) => measure([target], prepare, { rounds: 1, ms, tell });
    await run(PROFILE_MS); // what is hot is compiled meanwhile
    let came;
    const profiles = await profile(inspectorPort, options.profiles, async () => {
      came = await run(PROFILE_MS);
    });
    const { operations, cpuMicros } = came[0][who];
    say(`${name}: ${cpuMicros.toFixed(0)} µs of CPU each, with the profiler's own`);
    top(profiles, operations).forEach(say);
    say(`\nthe profiles are in ${options.profiles}`);
  }, { [who]: { inspectorPort } });
}

async function measured() {
  const results = { ...(await origin(options.compiler)), quick, servers: SERVERS, rounds: ROUNDS, roundMs: ROUND_MS };
  const work = Object.entries(WORK).filter(([name]) => isWanted(name));
  if (work.length > 0) results.work = await repeated(work);
  const others = { memory: weighed, start: started, size: () => gzipped(OURS.sessile.configs.map(bundleOf)), growth: grown };
  for (const [name, look] of Object.entries(others)) if (isWanted(name)) results[name] = await look();
  table(results);
  if (options.out) await keep(results, options.out);
  if (options.plots) await plot(results, options.plots);
  if (!options.check) return;
  const limits = JSON.parse(await readFile(new URL('limits.json', import.meta.url), 'utf8'));
  if (!check(results, limits)) process.exitCode = 1;
}

try {
  await (options.profile === undefined ? measured() : profiled(options.profile));
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit();

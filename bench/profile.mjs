// Where CPU time goes: V8's sampling profiler, in each Worker of a workerd, through its inspector.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectors } from './inspector.mjs';

/** Between two samples, in microseconds. */
const SAMPLE_MICROS = 200;
/** How many functions are named. */
const TOP = 25;
/** What the profiler calls time that is in no function; the last is that of the runtime itself. */
const IDLE = ['(root)', '(idle)', '(program)'];

/** Profiles every Worker while something is done; leaves a `.cpuprofile` of each, which Chrome's developer tools open. */
export async function profile(port, folder, during) {
  const all = await inspectors(port);
  for (const [, inspector] of all) {
    await inspector.ask('Profiler.enable');
    await inspector.ask('Profiler.setSamplingInterval', { interval: SAMPLE_MICROS });
  }
  for (const [, inspector] of all) await inspector.ask('Profiler.start');
  await during();
  await mkdir(folder, { recursive: true });
  const profiles = {};
  for (const [name, inspector] of all) {
    const { profile: taken } = await inspector.ask('Profiler.stop');
    inspector.close();
    await writeFile(join(folder, `${name.replaceAll(/[^\w-]/g, '-')}.cpuprofile`), JSON.stringify(taken));
    profiles[name] = summary(taken);
  }
  return profiles;
}

/** How long each function ran, by itself and with what it called, in milliseconds. */
export function summary({ nodes, samples }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const nameOf = (id) => {
    const { functionName, url, lineNumber } = byId.get(id).callFrame;
    return functionName || `(unnamed, ${url.split('/').at(-1)}:${lineNumber + 1})`;
  };
  const [own, whole] = [new Map(), new Map()];
  const add = (map, name, ms) => map.set(name, (map.get(name) ?? 0) + ms);
  let busyMs = 0;
  // While a Worker does nothing it is not sampled, so what lies between two samples may be long.
  const ms = SAMPLE_MICROS / 1000;
  samples.forEach((sample) => {
    const name = nameOf(sample);
    if (!IDLE.includes(name)) busyMs += ms;
    add(own, name, ms);
    const seen = new Set();
    for (let at = sample; at !== undefined; at = parents.get(at)) seen.add(nameOf(at));
    for (const passed of seen) add(whole, passed, ms);
  });
  const sorted = (map) => [...map].filter(([name]) => !IDLE.includes(name)).sort(([, one], [, other]) => other - one);
  return { busyMs, programMs: own.get('(program)') ?? 0, own: sorted(own), whole: sorted(whole) };
}

/** What took longest, as lines. */
export function top(profiles, operations) {
  const lines = [];
  const per = (ms) => `${((ms * 1000) / operations).toFixed(1).padStart(8)} µs`;
  const all = Object.entries(profiles).sort(([, one], [, other]) => other.busyMs - one.busyMs);
  for (const [name, { busyMs, programMs, own, whole }] of all) {
    lines.push('', `${name}: ${per(busyMs)} of each operation in JavaScript and wasm, ${per(programMs)} in the runtime`);
    if (busyMs * 100 < all[0][1].busyMs) continue;
    lines.push('  by itself');
    own.slice(0, TOP).forEach(([called, ms]) => lines.push(`  ${per(ms)}  ${called.slice(0, 140)}`));
    lines.push('  with what it calls');
    whole.slice(0, TOP * 2).forEach(([called, ms]) => lines.push(`  ${per(ms)}  ${called.slice(0, 140)}`));
  }
  return lines;
}

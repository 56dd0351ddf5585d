// The servers that are measured, each in a workerd of its own, so that what it uses of the machine is told apart. Each
// is reached over a socket of its own, with nothing between.

import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../tests/support/ports.mjs';

/** The packages that the development server runs on. */
export const tools = createRequire(join(process.env.SESSILE_NODE_MODULES, 'x'));
const { Miniflare, convertV4MiniflareOptions } = tools('miniflare');
const { unstable_getMiniflareWorkerOptions: optionsOf } = tools('wrangler');

const HERE = dirname(fileURLToPath(import.meta.url));
/** That of our Workers: the runtime behaves alike for all. */
const DATE = '2026-11-01';
const HOST = '127.0.0.1';

/** A port for each of so many servers. */
export const freePorts = (count) => Promise.all(Array.from({ length: count }, freePort));

export const url = (port) => `http://${HOST}:${port}`;

const direct = (port) => ({ unsafeDirectSockets: [{ host: HOST, port }] });

/** What the configuration that the build wrote says under a name. */
const said = (config, name) => new RegExp(`^${name} = "([^"]+)"`, 'm').exec(readFileSync(config, 'utf8'))[1];

/** Where a Worker's modules lie. */
export const bundleOf = (config) => dirname(said(config, 'main'));

/** Sessile as it is deployed; the configuration of its front Worker comes first. */
export const sessile = (configs, port) =>
  configs.map((config, index) => {
    const { modulesRules: _, ...options } = optionsOf(config).workerOptions;
    const folder = bundleOf(config);
    const files = readdirSync(folder, { recursive: true }).filter((file) => /\.(js|wasm)$/.test(file));
    // The first one is where it starts.
    const modules = ['index.js', ...files.filter((file) => file !== 'index.js')]
      .map((file) => ({ type: file.endsWith('.wasm') ? 'CompiledWasm' : 'ESModule', path: join(folder, file) }));
    return { ...options, name: said(config, 'name'), modules, modulesRoot: folder, ...(index === 0 ? direct(port) : {}) };
  });

const floor = (file, options) => ({
  name: file,
  compatibilityDate: DATE,
  modules: [...new Set([file, ...(options.uses ?? [])])].map((name) => ({ type: 'ESModule', path: join(HERE, 'floor', `${name}.mjs`) })),
  modulesRoot: join(HERE, 'floor'),
  ...options.with,
});

const object = (className) => ({ durableObjects: { SESSIONS: { className, useSQLite: true } } });

/** What each floor is, by the name under which it is measured; each with its Workers. */
export const FLOORS = {
  floor: (port) => [floor('session', { with: { ...object('FloorSession'), ...direct(port) } })],
  stateless: (port) => [floor('stateless', { with: direct(port) })],
  hop: (port) => [
    floor('hop', { uses: ['session'], with: { ...object('HopSession'), serviceBindings: { TOOL: 'tool' }, ...direct(port) } }),
    floor('tool', {}),
  ],
  'stateless hop': (port) => [
    floor('stateless_hop', { with: { serviceBindings: { TOOL: 'tool' }, ...direct(port) } }),
    floor('tool', {}),
  ],
};

/** In place of a Worker: the objects that others have of it, which do nothing. */
const idle = (worker) => {
  const own = Object.values(worker.durableObjects).filter(({ scriptName }) => scriptName === undefined || scriptName === worker.name);
  const classes = [...new Set(own.map(({ className }) => className))].map((name) => `export class ${name} extends DurableObject {}`);
  const contents = ["import { DurableObject } from 'cloudflare:workers';", ...classes, 'export default {};'].join('\n');
  return { ...worker, modules: [{ type: 'ESModule', path: join(worker.modulesRoot, 'idle.mjs'), contents }] };
};

/**
 * The floor with all that Sessile is bound to, and does not use: the platform has it there already, where the
 * development server starts a simulator for each.
 */
export function floorWithBindings(configs, port) {
  const [front, ...others] = sessile(configs, port);
  const [{ modules, modulesRoot, durableObjects }] = FLOORS.floor(port);
  return [{ ...front, modules, modulesRoot, durableObjects: { ...front.durableObjects, ...durableObjects } }, ...others.map(idle)];
}

/** Starts Workers in one workerd. */
export async function serve(workers, persist, more = {}) {
  const options = {
    workers,
    host: HOST,
    port: 0,
    resourcePersistencePath: persist,
    // It would ask a server of Cloudflare where we are.
    cf: false,
    unsafeLocalExplorer: false,
    unsafeObservability: false,
    ...more,
  };
  const before = new Set(children());
  const miniflare = new Miniflare(convertV4MiniflareOptions(options));
  await miniflare.ready;
  const pid = children().find((child) => !before.has(child));
  return { pid, stop: () => miniflare.dispose() };
}

/** The workerd processes that this one has started. */
export function children() {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      return name === 'workerd' && Number(rest.split(' ')[1]) === process.pid;
    } catch {
      return false; // it ended meanwhile
    }
  });
}

// The handlers of a Worker, as an object: the platform asks that once for what it has.

import Worker from './worker.js';

export * from './worker.js';

const { prototype } = Worker;
const names = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');

export default Object.fromEntries(names.map((name) => {
  const handle = prototype[name];
  return [name, (event, env, ctx) => handle.call({ env, ctx }, event)];
}));

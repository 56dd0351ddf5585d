// The handlers of a Worker, as an object: the platform asks that once for what it has.

import Worker from './worker.js';

export * from './worker.js';

const names = Object.getOwnPropertyNames(Worker.prototype).filter((name) => name !== 'constructor');
const handler = (name) => [name, (event, env, ctx) => Worker.prototype[name].call({ env, ctx }, event)];

export default Object.fromEntries(names.map(handler));

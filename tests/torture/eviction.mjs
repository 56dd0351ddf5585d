// Eviction: one client's whole life, once undisturbed and once with the runtime ended and started again before every
// step, which leaves no object in memory. What the client sees is the same, ids and times apart.
//
// A stream breaks with the runtime; the client comes back for it with `Last-Event-ID` when the next step begins.

import { change, WATCHED } from '../support/changes.mjs';
import { Ear } from '../support/ear.mjs';
import { initializeBody, nextId, replyOf, send, Session } from '../support/mcp.mjs';
import { startServer } from '../support/server.mjs';
import { becomes, torture } from '../support/torture.mjs';

/** Longest until what was asked for has come, in milliseconds. */
const COMES_MS = 20_000;
/** Longest that a stream is kept open, in milliseconds. */
const STREAM_MS = 600_000;

/** What a client sees of each step, and the streams it holds meanwhile. */
class Witness {
  constructor(base) {
    this.base = base;
    this.seen = [];
    this.streams = {};
  }

  see(what) {
    this.seen.push(what);
  }

  /** The reply to a request of the session. */
  async ask(method, params) {
    const { status, result, error, before = [] } = await this.session.request(method, params);
    this.see({ method, status, before, result, error });
    return result;
  }

  /** Posts something that is only accepted. */
  async tell(body) {
    const { status } = await this.session.send({ jsonrpc: '2.0', ...body });
    this.see({ told: body.method ?? 'an answer', status });
  }

  /** Keeps a stream: what comes on it, over all its connections, is one list. */
  hold(name, answer, messages = []) {
    if (!answer.isEventStream) throw new Error(`${name}: ${answer.status}, not a stream`);
    this.see({ stream: name, status: answer.status });
    this.streams[name] = { messages, ear: new Ear(answer, (message) => messages.push(message)) };
  }

  /** Waits until a stream has brought so many messages in all, and sees them. */
  async hear(name, count) {
    const { messages } = this.streams[name];
    const came = await becomes(() => messages.length >= count, COMES_MS);
    this.see({ stream: name, came, messages: [...messages] });
    return messages;
  }

  /** Comes back for every stream that broke off; those that are over were let go before. */
  async comeBack() {
    for (const [name, { messages, ear }] of Object.entries(this.streams)) {
      if (!(await becomes(() => !ear.open, COMES_MS))) throw new Error(`the stream ${name} outlived its server`);
      const answer = await this.session.send(undefined, { method: 'GET', headers: { 'last-event-id': ear.lastId }, ms: STREAM_MS });
      if (answer.status !== 200) this.see({ return: name, status: answer.status, text: await answer.text() });
      else this.streams[name] = { messages, ear: new Ear(answer, (message) => messages.push(message), ear.lastId) };
    }
  }

  letGo(name) {
    this.streams[name].ear.close();
    delete this.streams[name];
  }

  /** Calls a tool whose answer begins a stream. */
  async call(name, tool, args = {}) {
    const id = nextId();
    const params = { name: tool, arguments: args, _meta: { progressToken: name } };
    this.hold(name, await this.session.send({ jsonrpc: '2.0', id, method: 'tools/call', params }, { ms: STREAM_MS }));
  }

  /** The answer to the question that came last on a stream. */
  async answer(name, content) {
    const { messages } = this.streams[name];
    await this.tell({ id: messages.at(-1).id, result: { action: 'accept', content } });
  }
}

/** The transcript: each entry is one step of the client. */
const STEPS = {
  async initialize(witness) {
    const answer = await send(witness.base, { body: initializeBody('2025-11-25', { elicitation: {} }) });
    const { result } = await replyOf(answer);
    witness.see({ initialize: answer.status, result });
    witness.session = new Session(witness.base, undefined, answer.header('mcp-session-id'), result);
  },
  initialized: (witness) => witness.tell({ method: 'notifications/initialized' }),
  async 'the GET stream'(witness) {
    witness.hold('GET', await witness.session.send(undefined, { method: 'GET', ms: STREAM_MS }));
    await becomes(() => witness.streams.GET.ear.lastId !== undefined, COMES_MS);
  },
  'the list of tools': (witness) => witness.ask('tools/list'),
  'a subscription': (witness) => witness.ask('resources/subscribe', { uri: WATCHED }),
  'a plain call': (witness) => witness.ask('tools/call', { name: 'test_simple_text', arguments: {} }),
  async 'a call with progress'(witness) {
    await witness.call('progress', 'test_tool_with_progress');
    await witness.hear('progress', 4);
    witness.letGo('progress');
  },
  async 'a call that asks'(witness) {
    await witness.call('asking', 'test_streaming_elicitation');
    await witness.hear('asking', 1);
  },
  'a change that is heard': async (witness) => {
    await change(witness.base, 'resource');
    await witness.hear('GET', 1);
  },
  async 'the answer to the question'(witness) {
    await witness.answer('asking', { name: 'Ada' });
    await witness.hear('asking', 2);
    witness.letGo('asking');
  },
  async 'a task'(witness) {
    const params = { name: 'confirm_delete', arguments: { filename: 'f' }, task: { ttl: 600_000 } };
    ({ taskId: witness.taskId } = (await witness.ask('tools/call', params)).task);
    // The step ends when the task waits for its answer: one that is at work when the runtime ends fails aloud, unless
    // its tool says that it may be called again (architecture, "Tasks").
    const standing = async () => (await witness.session.request('tasks/get', { taskId: witness.taskId })).result;
    await becomes(async () => (await standing()).status === 'input_required', COMES_MS);
    witness.see(await standing());
  },
  async 'the stream of its result'(witness) {
    const body = { jsonrpc: '2.0', id: nextId(), method: 'tasks/result', params: { taskId: witness.taskId } };
    witness.hold('result', await witness.session.send(body, { ms: STREAM_MS }));
    await witness.hear('result', 1);
  },
  async 'the answer to the task'(witness) {
    await witness.answer('result', { confirm: true });
    await witness.hear('result', 2);
    witness.letGo('result');
  },
  'what the task came to': (witness) => witness.ask('tasks/get', { taskId: witness.taskId }),
  'the list of tasks': (witness) => witness.ask('tasks/list'),
  'the end of the subscription': (witness) => witness.ask('resources/unsubscribe', { uri: WATCHED }),
  async 'another change'(witness) {
    await change(witness.base, 'resource');
    await change(witness.base, 'tool');
    await witness.hear('GET', 2);
    witness.letGo('GET');
  },
  async DELETE(witness) {
    witness.see({ DELETE: (await witness.session.end()).status });
  },
  'what is said after it': (witness) => witness.ask('ping'),
};

/** What a client saw, without what differs between two sessions that went the same way. */
function comparable(witness) {
  const ids = new Map();
  const name = (id) => ids.get(id) ?? ids.set(id, `id ${ids.size + 1}`).get(id);
  return witness.seen.map((seen) => JSON.stringify(seen, (key, value) => {
    if (value === undefined) return undefined;
    if (key === 'id' || key === 'taskId') return name(String(value));
    if (key.endsWith('At')) return 'a time';
    return value;
  }).replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'a time'));
}

await torture('eviction', { shortMs: 120_000, fullMs: 400_000 }, async (run) => {
  let server = await startServer({ config: 'examples/conformance/wrangler.toml' });
  run.atEnd(() => server.stop({ keep: false }));
  const names = Object.keys(STEPS);
  // The short form restarts before a few of the steps; chance says which, so that all have their turn over time.
  const wanted = run.either(3, names.length);
  const chosen = new Set(names.map((name) => [run.random(), name]).sort(([a], [b]) => a - b).slice(0, wanted).map(([, name]) => name));

  const undisturbed = new Witness(server.url);
  for (const name of names) await STEPS[name](undisturbed);
  run.say(`${names.length} steps without a restart, ${undisturbed.seen.length} things seen`);

  const disturbed = new Witness(server.url);
  for (const name of names) {
    if (chosen.has(name)) {
      await server.stop({ keep: true });
      server = await server.again();
      await disturbed.comeBack();
      run.say(`restarted before "${name}"`);
    }
    await STEPS[name](disturbed);
  }

  const [without, withRestarts] = [comparable(undisturbed), comparable(disturbed)];
  for (const [index, seen] of without.entries()) {
    run.demand(seen === withRestarts[index], `without a restart:\n    ${seen}\n  with restarts:\n    ${withRestarts[index]}`);
  }
  run.demand(without.length === withRestarts.length, `${without.length} things were seen without a restart, ${withRestarts.length} with`);
  run.figure('steps', names.length);
  run.figure('restarts', chosen.size);
  run.figure('things seen and compared', without.length);
  run.figure('messages on streams', JSON.stringify(undisturbed.seen).split('"jsonrpc"').length - 1);
});

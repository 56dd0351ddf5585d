// The floor: the least that a Worker and an object can do. `/mcp` is routed by the session's id to an object, which
// answers `initialize`, `echo` and `count` with JSON.parse and JSON.stringify, and nothing else: no checks, no login,
// no quota, no log. `progress` and the quiet stream are there for what is measured of streams.

import { DurableObject } from 'cloudflare:workers';

const SERVER = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'floor', version: '0' } };

const answer = (id, result) => Response.json({ jsonrpc: '2.0', id, result });
const text = (words) => ({ content: [{ type: 'text', text: words }] });

export class FloorSession extends DurableObject {
  async fetch(request) {
    if (request.method === 'GET') return this.#quiet();
    const message = JSON.parse(await request.text());
    switch (message.method) {
      case 'initialize':
        return answer(message.id, SERVER);
      case 'notifications/initialized':
        return new Response(null, { status: 202 });
      case 'tools/call':
        return this.call(message);
      default:
        return new Response(null, { status: 404 });
    }
  }

  async call({ id, params }) {
    if (params.name === 'echo') return answer(id, text(params.arguments.text));
    if (params.name === 'count') return answer(id, text(String(await this.#count())));
    return this.#progress(id, params);
  }

  async #count() {
    const count = ((await this.ctx.storage.get('count')) ?? 0) + 1;
    await this.ctx.storage.put('count', count);
    return count;
  }

  #progress(id, { arguments: { steps }, _meta: { progressToken } }) {
    const [coder, { readable, writable }] = [new TextEncoder(), new TransformStream()];
    const writer = writable.getWriter();
    const write = (message) => writer.write(coder.encode(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`));
    const run = async () => {
      for (let step = 1; step <= steps; step += 1) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        const params = { progressToken, progress: step, total: steps, message: `Step ${step} of ${steps}` };
        await write({ method: 'notifications/progress', params });
      }
      await write({ id, result: text(`Took ${steps} steps.`) });
      await writer.close();
    };
    this.ctx.waitUntil(run());
    return new Response(readable, { headers: { 'content-type': 'text/event-stream' } });
  }

  /** A stream on which nothing is said: the Worker holds it, a hibernatable socket joins it to the object. */
  #quiet() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }
}

/** The Worker's end of a quiet stream. */
async function quiet(object) {
  const { webSocket } = await object.fetch('https://floor/', { headers: { upgrade: 'websocket' } });
  webSocket.accept();
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  writer.write(new TextEncoder().encode(': quiet\n\n'));
  webSocket.addEventListener('close', () => writer.close());
  return new Response(readable, { headers: { 'content-type': 'text/event-stream' } });
}

export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname !== '/mcp') return new Response(null, { status: 404 });
    const known = request.headers.get('mcp-session-id');
    const name = known ?? crypto.randomUUID();
    const object = env.SESSIONS.get(env.SESSIONS.idFromName(name));
    if (request.method === 'GET') return quiet(object);
    const response = await object.fetch(request);
    if (known !== null) return response;
    const opened = new Response(response.body, response);
    opened.headers.set('mcp-session-id', name);
    return opened;
  },
};

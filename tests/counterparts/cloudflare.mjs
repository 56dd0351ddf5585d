// A stand-in for the part of Cloudflare's API that `wrangler secret` uses (Cloudflare API, "Workers: Script secrets"), which
// needs an account of somebody's. As there, values can be written and not read, a Worker that was never deployed has no list
// (code 10007), and one that is uploaded without code is there from then on.

import { serve } from './loopback.mjs';

/** Longest body that is read, in bytes. */
const BODY_BYTES_MAX = 100_000;
const NOT_THERE = 10_007;

async function read(request) {
  let text = '';
  for await (const part of request) {
    text += part;
    if (text.length > BODY_BYTES_MAX) throw new Error('the body is too large');
  }
  return text;
}

/** Starts it; `workers` has the secrets of each Worker that is there, by its name. */
export async function startCloudflare({ token, account }) {
  const workers = new Map();
  const { url, stop } = await serve(async (request, response) => {
    const reply = (status, result, errors = []) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ success: errors.length === 0, errors, messages: [], result }));
    const refuse = (status, code, message) => reply(status, null, [{ code, message }]);
    const { pathname } = new URL(request.url, 'http://cloudflare');
    if (request.headers.authorization !== `Bearer ${token}`) return refuse(403, 9_109, 'Invalid access token');
    const [, , , , owner, , , worker, what, name] = pathname.split('/');
    const body = await read(request);
    if (owner !== account || worker === undefined) return refuse(404, 7_003, `No route for ${pathname}`);
    if (what === undefined && request.method === 'PUT') {
      workers.set(worker, new Map());
      return reply(200, { id: worker });
    }
    const secrets = workers.get(worker);
    if (!secrets) return refuse(404, NOT_THERE, 'This Worker does not exist on your account.');
    const shown = (it) => ({ name: it, type: 'secret_text' });
    if (what === 'secrets' && request.method === 'GET') return reply(200, [...secrets.keys()].map(shown));
    if (what === 'secrets' && request.method === 'PUT') {
      const sent = JSON.parse(body);
      secrets.set(sent.name, sent.text);
      return reply(200, shown(sent.name));
    }
    if (what === 'secrets' && request.method === 'DELETE' && secrets.delete(name)) return reply(200, null);
    return refuse(404, 7_003, `No route for ${request.method} ${pathname}`);
  });
  return { api: `${url}/client/v4`, workers, stop };
}

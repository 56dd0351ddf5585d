// Bodies that come too slowly, from somebody whom nobody knows. Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { request } from 'node:http';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';

/** How long a stranger may take for a body, in milliseconds. */
const BODY_MS = 30_000;
/** What a busy machine may add, in milliseconds. */
const LATE_MS = 15_000;
/** Between two bytes, in milliseconds. */
const BYTE_MS = 500;

const { base } = await serve();

/** Sends a byte now and then without end, until an answer comes; gives the answer and how long it took. */
function drip(path, headers) {
  return new Promise((resolve, reject) => {
    const began = Date.now();
    const sent = request(`${base}${path}`, { method: 'POST', headers, agent: false });
    const dripping = setInterval(() => sent.write('x'), BYTE_MS);
    const end = (settle, value) => {
      clearInterval(dripping);
      settle(value);
      sent.destroy();
    };
    sent.on('error', (cause) => end(reject, cause));
    sent.on('response', async (answer) => {
      const parts = await answer.toArray();
      end(resolve, { status: answer.statusCode, text: Buffer.concat(parts).toString('utf8'), ms: Date.now() - began });
    });
    sent.flushHeaders();
  });
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const json = { 'content-type': 'application/json' };

describe('a body that never ends', { timeout: BODY_MS + 2 * LATE_MS, concurrency: true }, () => {
  for (const [path, headers, status, words] of [
    ['/register', json, 408, /"error":"invalid_request"/],
    ['/token', form, 408, /"error":"invalid_request"/],
    ['/revoke', form, 408, /"error":"invalid_request"/],
    ['/par', form, 408, /"error":"invalid_request"/],
    ['/authorize', form, 408, /too long/],
    ['/login/start', form, 408, /too long/],
    ['/mcp', json, 401, /./],
    ['/introspect', form, 404, /^$/],
  ]) {
    test(`SEC-07: at ${path} is ${status} after a while`, async () => {
      const { status: answered, text, ms } = await drip(path, headers);
      assert.equal(answered, status, text);
      assert.match(text, words);
      assert.ok(ms >= BODY_MS && ms < BODY_MS + LATE_MS, `after ${ms} ms`);
    });
  }
});

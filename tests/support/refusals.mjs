// Words for tables of refusals: a name, what is sent, the exact answer.

import assert from 'node:assert/strict';
import { test } from 'node:test';

/** Longest one row may take, in milliseconds. */
const ROW_MS = 30_000;

/** Turns `[name, run]` rows into tests. */
export function rows(table) {
  for (const [name, run] of table) test(name, { timeout: ROW_MS }, run);
}

/** Exactly this status, and a JSON-RPC error with this code and id. `id: undefined` means that none may be there. */
export async function refusedWith(answer, status, code, id) {
  const text = await answer.text();
  assert.equal(answer.status, status, text);
  const body = JSON.parse(text);
  assert.equal(body.jsonrpc, '2.0');
  assert.equal(body.error?.code, code, text);
  assert.equal(typeof body.error.message, 'string');
  assert.notEqual(body.error.message, '', 'an error says what is wrong');
  if (id === undefined) assert.ok(!('id' in body), `MCP forbids a null id; leave it out: ${text}`);
  else assert.equal(body.id, id);
  return body.error;
}

/** Exactly this status, whatever the body says; the body is in the message when it is another. */
export async function statusOnly(answer, status) {
  if (answer.isEventStream && answer.status === status) return answer.close();
  return assert.equal(answer.status, status, await answer.text());
}

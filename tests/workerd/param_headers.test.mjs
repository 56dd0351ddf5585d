// Arguments that stateless clients repeat in headers: `Mcp-Param-…` against the body.
// Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { modern, Session, textOf } from '../support/mcp.mjs';

const together = { timeout: 60_000, concurrency: true };

const { base, alice } = await serve({ example: 'conformance', people: ['alice'] });

const TOOL = 'test_x_mcp_header';
const encoded = (text) => `=?base64?${Buffer.from(text).toString('base64')}?=`;
const call = (args, headers, token) => modern(base, token, 'tools/call', { name: TOOL, arguments: args }, { headers });
const region = (value) => ({ 'Mcp-Param-Region': value });

describe('Mcp-Param-Region', together, () => {
  for (const [what, args, headers, told] of [
    ['the same as its argument', { region: 'eu' }, region('eu'), 'eu'],
    ['in other capitals, as a name', { region: 'eu' }, { 'MCP-PARAM-REGION': 'eu' }, 'eu'],
    ['with white space around it', { region: 'eu' }, region('  eu \t'), 'eu'],
    ['in base64', { region: 'eu' }, region(encoded('eu')), 'eu'],
    ['of letters that need base64', { region: 'Zürich 🪸' }, region(encoded('Zürich 🪸')), 'Zürich 🪸'],
    ['of white space that needs base64', { region: ' eu ' }, region(encoded(' eu ')), ' eu '],
    ['empty, as its argument is', { region: '' }, region(''), ''],
    ['in base64 of nothing, as its argument is', { region: '' }, region(encoded('')), ''],
    ['literal where it only resembles base64', { region: '=?BASE64?ZXU=?=' }, region('=?BASE64?ZXU=?='), '=?BASE64?ZXU=?='],
    ['absent, as its argument is', {}, {}, 'none'],
    ['absent, its argument null', { region: null }, {}, 'none'],
    ['right beside a session id, which is none of its (P10)', { region: 'eu' }, { ...region('eu'), 'Mcp-Session-Id': 'made-up' }, 'eu'],
    ['right beside another that belongs to nothing', { region: 'eu' }, { ...region('eu'), 'Mcp-Param-Other': 'x' }, 'eu'],
  ]) {
    test(`M-PAR-01, M-PAR-02, M-HDR-02, M-HDR-03: it is taken ${what}`, async () => {
      assert.equal(textOf(await call(args, headers)), `Region: ${told}`);
    });
  }

  for (const [what, args, headers] of [
    ['missing', { region: 'eu' }, {}],
    ['missing, its argument empty', { region: '' }, {}],
    ['of another value', { region: 'eu' }, region('us')],
    ['in other capitals', { region: 'eu' }, region('EU')],
    ['without the white space of its argument', { region: ' eu' }, region('eu')],
    ['in base64 of another value', { region: 'eu' }, region(encoded('us'))],
    ['in base64 by a sentinel in capitals', { region: 'eu' }, region(encoded('eu').replace('base64', 'BASE64'))],
    ['in base64 with a letter that is none', { region: 'eu' }, region('=?base64?ZX!=?=')],
    ['in base64 without its padding', { region: 'eu' }, region('=?base64?ZXU?=')],
    ['in base64 of bytes that are no UTF-8', { region: 'eu' }, region('=?base64?/w==?=')],
    ['there without an argument (§9 Q9)', {}, region('eu')],
    ['there beside null (§9 Q9)', { region: null }, region('eu')],
    ['"null" beside null (§9 Q9)', { region: null }, region('null')],
    ['there twice (§9 Q10)', { region: 'eu' }, region(['eu', 'eu'])],
  ]) {
    test(`M-PAR-01, SEC-11: it is -32020 ${what}`, async () => {
      const { status, error, id, sentId, result } = await call(args, headers);
      assert.equal(result, undefined, JSON.stringify(result));
      assert.deepEqual([status, error.code, id], [400, -32020, sentId], JSON.stringify(error));
    });
  }

  test('M-PAR-01: it is compared in each request of a client who is known', async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      assert.equal(textOf(await call({ region: 'eu' }, region('eu'), alice.token)), 'Region: eu');
      for (const headers of [region('us'), {}]) assert.equal((await call({ region: 'eu' }, headers, alice.token)).error.code, -32020);
    }
  });

  test('M-PAR-03: the list of tools names the header, on a text that can be found by names alone', async () => {
    const { tools } = (await modern(base, undefined, 'tools/list')).result;
    const { region: property } = tools.find(({ name }) => name === TOOL).inputSchema.properties;
    assert.equal(property['x-mcp-header'], 'Region');
  });

  test('a session\'s client knows no such header, and is not held to one', async () => {
    const session = await Session.open(base);
    const told = async (headers) => textOf(await session.request('tools/call', { name: TOOL, arguments: { region: 'eu' } }, { headers }));
    assert.equal(await told({}), 'Region: eu');
    assert.equal(await told(region('us')), 'Region: eu');
  });
});

// The official Python client and fastmcp's: a program of its own, see clients/python/. It says what it saw; here it is judged.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { logIn } from '../support/login.mjs';
import { LATEST_WITH_SESSIONS, MODERN } from '../support/mcp.mjs';
import { sharedServer } from '../support/server.mjs';

const PROGRAM = join(dirname(dirname(fileURLToPath(import.meta.url))), 'clients', 'python', 'main.py');
/** Longest for one visit, in milliseconds; on an idle machine it takes two seconds. */
const VISIT_MS = 120_000;

/** What a client is told of the era, and how it comes to it. */
const ERAS = [
  { era: 'legacy', hasSession: true, first: 'initialize' },
  { era: 'auto', hasSession: false, first: 'server/discover' },
  { era: MODERN, hasSession: false, first: 'tools/list' },
];

/** Who comes, and to which path. */
const VISITORS = [
  ...['mcp', 'fastmcp'].flatMap((client) => ERAS.map((era) => ({ client, path: '/mcp', ...era }))),
  // HTTP+SSE: the first request is the GET of the stream.
  { client: 'mcp-sse', path: '/sse', era: 'legacy', hasSession: true, first: null },
];

let server;
let token;

before(async () => {
  server = await sharedServer();
  ({ token } = await logIn(server.url));
}, { timeout: 300_000 });

after(() => server?.stop());

/** Lets the program do all its steps and returns what each saw. */
async function visit({ client, path, era }, signal) {
  const python = process.env.SESSILE_PYTHON;
  if (!python) throw new Error('set SESSILE_PYTHON to a Python that has the packages of clients/python/requirements.txt');
  const child = spawn(python, [PROGRAM, `${server.url}${path}`, token, client, era], {
    // Nothing is left behind in the sources.
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let said = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (part) => (said += part));
  child.stderr.setEncoding('utf8').on('data', (part) => (complaints += part));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  assert.equal(code, 0, `${said}\n${complaints}`);
  const findings = said.trim().split('\n').map((line) => JSON.parse(line));
  return (step) => {
    const finding = findings.find((candidate) => candidate.step === step);
    assert.ok(finding && !finding.error, `${step}: ${finding?.error ?? 'not done'}\n${complaints}`);
    return finding.saw;
  };
}

for (const visitor of VISITORS) {
  const { client, path, era, hasSession, first } = visitor;
  const isHttpSse = path === '/sse';
  describe(`Python ${client}, ${era}`, { timeout: VISIT_MS }, () => {
    let saw;
    /** How often something was sent, and that it was answered with this status each time. */
    const sent = (method, what, status) => {
      const answers = saw('wire').filter(([how, named]) => how === method && named === what);
      for (const [, , answered] of answers) assert.equal(answered, status, `${method} ${what}`);
      return answers.length;
    };

    before(async (t) => {
      saw = await visit(visitor, t.signal);
    }, { timeout: VISIT_MS });

    test('is connected in the era it asked for', () => {
      assert.equal(saw('revision'), hasSession ? LATEST_WITH_SESSIONS : MODERN);
      assert.equal(saw('wire')[0][1], first);
      assert.equal(sent('POST', 'initialize', isHttpSse ? 202 : 200), hasSession ? 1 : 0);
    });

    test('lists the tools', () => {
      for (const wanted of ['echo', 'count', 'count_start', 'progress', 'ask', 'whoami']) assert.ok(saw('tools').includes(wanted), wanted);
    });

    test('calls echo', () => {
      assert.equal(saw('echo'), 'from Python');
    });

    test(hasSession ? 'counts in its session' : 'is told as a tool error that it has no session to count in', () => {
      const counted = saw('count_in_session');
      if (hasSession) assert.deepEqual(counted, [[false, '1'], [false, '2']]);
      else for (const [isError, words] of counted) assert.ok(isError && words.includes('count_start'), words);
    });

    test('counts with a handle', () => {
      assert.deepEqual(saw('count_by_handle'), ['1', '2']);
    });

    test(`${hasSession ? 'L-PROG-01' : 'M-PROG-01'}: hears every step of a call in order, before its result`, () => {
      const { heard, result } = saw('progress');
      assert.deepEqual(heard, [1, 2, 3, 4, 5].map((step) => [step, 5, `Step ${step} of 5`]));
      assert.equal(result, 'Took 5 steps.');
    });

    test('answers a question', () => {
      assert.deepEqual(saw('accept'), { asked: 'Which colour?', result: 'vermilion' });
    });

    test('declines a question', () => {
      assert.deepEqual(saw('decline'), { asked: 'Which shape?', result: 'The user declined to answer.' });
    });

    test(hasSession ? 'N5: its answers to questions are accepted' : 'answers questions by calling again, not with a response', () => {
      assert.equal(sent('POST', 'response', 202), hasSession ? 2 : 0);
    });

    test('gives up a call that runs and goes on', () => {
      const { outcome, echo } = saw('cancel');
      assert.equal(outcome, 'CancelledError');
      assert.equal(echo, 'still here');
      // A stateless client cancels by hanging up.
      assert.equal(sent('POST', 'notifications/cancelled', 202), hasSession ? 1 : 0);
    });

    test(`${hasSession ? 'L-TOOL-01' : 'M-TOOL-01'}: is told that a tool does not exist, and goes on`, () => {
      assert.deepEqual(saw('unknown_tool'), { answered: -32602, echo: 'still here' });
    });

    test('is refused nothing on the wire, also where the library would keep it to itself', () => {
      for (const [method, what, status] of saw('wire')) {
        // It comes back for the stream of the call it gave up; a refusal there only tells it to stop.
        if (what !== 'resume') assert.ok(status < 400, `${method} ${what}: ${status}`);
      }
    });

    if (isHttpSse) {
      test('S24-01, S24-03: has one stream, and everything it sends is accepted', () => {
        assert.equal(sent('GET', null, 200), 1);
        for (const [method, what, status] of saw('wire')) if (method === 'POST') assert.equal(status, 202, what);
      });
    } else if (hasSession) {
      test('R3, R8: opens a stream of its session and ends the session', () => {
        assert.ok(sent('GET', null, 200) >= 1);
        assert.equal(sent('DELETE', null, 204), 1);
      });
    }
  });
}

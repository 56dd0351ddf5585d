// What must not pass as a good run. No server is needed here.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { judge, readScenarios } from './report.mjs';
import { RUNS, scoredScenarios } from './runs.mjs';

const RUN = { name: 'revision', options: [], scenarios: 2, scored: 1, unscored: ['other'], checks: { other: ['must-pass'] } };
const check = (id, status, more = {}) => ({ id, name: id, status, ...more });
const GOOD = [
  { name: 'ping', checks: [check('ping', 'SUCCESS'), check('wire-schema-valid', 'SUCCESS')] },
  { name: 'other', checks: [check('must-pass', 'SUCCESS'), check('incoming-response', 'INFO')] },
];

/** The problems of the good run with other checks in its scored scenario. */
const problemsWith = (...checks) => judge(RUN, ['ping'], [{ name: 'ping', checks }, GOOD[1]]).problems.join('\n');

test('a run with nothing wrong has no problem and is counted', () => {
  const { problems, counts, passed, scoredPassed } = judge(RUN, ['ping'], GOOD);
  assert.deepEqual(problems, []);
  assert.deepEqual(counts, { passed: 3, failed: 0, warned: 0, skipped: 0, information: 1 });
  assert.deepEqual([passed, scoredPassed], [2, 1]);
});

for (const status of ['FAILURE', 'WARNING', 'SKIPPED', 'INFO', 'SOMETHING_NEW', undefined]) {
  test(`a check with the status ${status} is a problem that carries its message, and its scenario has not passed`, () => {
    const problems = problemsWith(check('ping', 'SUCCESS'), check('second', status, { errorMessage: 'the reason' }));
    assert.match(problems, /ping: second .*the reason/);
    assert.match(problems, /^0 of 1 scored scenarios passed$/m);
  });
}

test('a skip that is expected by name is a note with the reason', () => {
  const checks = [check('tasks-status-notifications', 'SKIPPED')];
  const { problems, notes, counts } = judge(RUN, ['ping'], [{ name: 'ping', checks }, GOOD[1]]);
  assert.deepEqual(problems, []);
  assert.equal(counts.skipped, 1);
  assert.match(notes.join(), /skips it always/);
});

test('an empty run does not pass', () => {
  const problems = judge(RUN, ['ping'], []).problems.join('\n');
  for (const words of ['0 scenarios were run, not 2', 'ping: was not run', 'other: was not run', '0 of 1 scored']) assert.ok(problems.includes(words), words);
});

test('a scenario that checked nothing of its own does not pass', () => {
  assert.match(problemsWith(), /ping: checked nothing/);
  assert.match(problemsWith(check('wire-schema-valid', 'SUCCESS'), check('outgoing-request', 'INFO')), /ping: checked nothing/);
});

test('a scenario that leaves out a check it has to pass does not pass', () => {
  const problems = judge(RUN, ['ping'], [GOOD[0], { name: 'other', checks: [check('another', 'SUCCESS')] }]).problems;
  assert.deepEqual(problems, ['other: must-pass was not passed']);
});

test('a requirement set that shrank does not pass', () => {
  assert.ok(judge(RUN, [], GOOD).problems.includes('the suite scores 0 scenarios, not 1'));
});

test('results are read from the folders that the suite makes, and a scenario that broke off is seen', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sessile-conformance-'));
  try {
    await mkdir(join(folder, 'server-ping-2026-11-20T10-11-12-345Z'));
    await writeFile(join(folder, 'server-ping-2026-11-20T10-11-12-345Z', 'checks.json'), JSON.stringify(GOOD[0].checks));
    await mkdir(join(folder, 'server-other-2026-11-20T10-11-12-346Z'));
    await writeFile(join(folder, 'output.log'), '');
    const scenarios = await readScenarios(folder);
    assert.deepEqual(scenarios, [{ name: 'other', checks: undefined }, GOOD[0]]);
    assert.match(judge(RUN, ['ping'], scenarios).problems.join('\n'), /other: broke off/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the suite that is installed scores what we expect of it', async () => {
  for (const run of RUNS) assert.equal((await scoredScenarios(run)).length, run.scored, run.name);
});

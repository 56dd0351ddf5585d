// What a run of the suite came to: read from the results it wrote, never from its exit code.
//
// The exit code says nothing about warnings, nor about scenarios that are run without being scored, and a run that
// tested nothing ends with 0.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MAY_BE_INFORMATION, MAY_SKIP } from './runs.mjs';

/** The suite's name for a scenario's folder: `server-<scenario>-<time>`, or `authorization-server-<scenario>-<time>`. */
const FOLDER = /^(?:authorization-server|server)-(?<scenario>.+)-\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-\d{3}Z$/;
/** Longest message of a check that is shown, in characters; schema violations quote whole messages. */
const MESSAGE_CHARS_MAX = 1_500;

/** Reads what a run wrote. A scenario that broke off leaves a folder without checks: its `checks` are undefined. */
export async function readScenarios(folder) {
  const scenarios = [];
  for (const name of (await readdir(folder)).sort()) {
    const scenario = FOLDER.exec(name)?.groups.scenario;
    if (!scenario) continue;
    const text = await readFile(join(folder, name, 'checks.json'), 'utf8').catch((error) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    scenarios.push({ name: scenario, checks: text === undefined ? undefined : JSON.parse(text) });
  }
  return scenarios;
}

/**
 * Judges a run.
 *
 * @param run one of RUNS
 * @param scored names of the scenarios that the suite scores for this revision
 * @param scenarios what `readScenarios` returned
 * @returns counts, notes worth reading, and problems; without a problem the run is passed
 */
export function judge(run, scored, scenarios) {
  const counts = { passed: 0, failed: 0, warned: 0, skipped: 0, information: 0 };
  const problems = [];
  const notes = [];
  const passedScenarios = new Set();
  for (const { name, checks } of scenarios) {
    const found = checks ? judgeScenario(name, checks, counts, notes) : [`${name}: broke off before it wrote its checks`];
    for (const check of run.checks[name] ?? []) {
      if (!checks?.some(({ id, status }) => id === check && status === 'SUCCESS')) found.push(`${name}: ${check} was not passed`);
    }
    if (found.length === 0) passedScenarios.add(name);
    problems.push(...found);
  }

  const ran = scenarios.map(({ name }) => name);
  if (ran.length !== run.scenarios) problems.push(`${ran.length} scenarios were run, not ${run.scenarios}`);
  for (const name of new Set([...scored, ...run.unscored])) {
    if (!ran.includes(name)) problems.push(`${name}: was not run`);
  }
  for (const name of new Set(ran.filter((name, index) => ran.indexOf(name) !== index))) problems.push(`${name}: ran twice`);
  const scoredPassed = scored.filter((name) => passedScenarios.has(name)).length;
  if (scored.length !== run.scored) problems.push(`the suite scores ${scored.length} scenarios, not ${run.scored}`);
  if (scoredPassed !== run.scored) problems.push(`${scoredPassed} of ${run.scored} scored scenarios passed`);
  return { counts, notes, problems, ran: ran.length, passed: passedScenarios.size, scoredPassed };
}

/** Counts a scenario's checks and returns what is wrong with it. */
function judgeScenario(scenario, checks, counts, notes) {
  const problems = [];
  let own = 0;
  for (const { id, name, status, errorMessage, description, details } of checks) {
    const why = (errorMessage ?? details?.message ?? details?.note ?? description ?? '').slice(0, MESSAGE_CHARS_MAX);
    const line = `${scenario}: ${id} (${name}) ${status}: ${why}`;
    switch (status) {
      case 'SUCCESS':
        counts.passed += 1;
        // Messages that fit the schema are no behaviour of their own.
        if (!id.startsWith('wire-schema-')) own += 1;
        break;
      case 'WARNING':
        counts.warned += 1;
        problems.push(line);
        break;
      case 'SKIPPED': {
        counts.skipped += 1;
        const allowed = MAY_SKIP.find(({ check }) => check.test(id));
        if (!allowed) problems.push(line);
        else {
          notes.push(`${scenario}: ${id} skipped: ${allowed.why}`);
          own += 1;
        }
        break;
      }
      case 'INFO': {
        counts.information += 1;
        if (!MAY_BE_INFORMATION.some(({ check }) => check.test(id))) problems.push(line);
        break;
      }
      // FAILURE, and whatever a later suite calls it.
      default:
        counts.failed += 1;
        problems.push(line);
    }
  }
  if (own === 0 && problems.length === 0) problems.push(`${scenario}: checked nothing`);
  return problems;
}

/** The run in a few lines for a person. */
export function shown(run, { counts, notes, problems, ran, passed, scoredPassed }) {
  const { passed: good, failed, warned, skipped, information } = counts;
  const scored = run.scored > 0 ? `, ${scoredPassed} of ${run.scored} scored` : '';
  return [
    `${run.name}: ${passed} of ${ran} scenarios passed${scored}; checks: ${good} passed, ${failed} failed, ${warned} warned, ${skipped} skipped; information: ${information}`,
    ...notes.map((line) => `  note     ${line}`),
    ...problems.map((line) => `  PROBLEM  ${line.replaceAll('\n', '\n           ')}`),
  ].join('\n');
}

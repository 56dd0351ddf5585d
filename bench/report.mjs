// What is said of the measurements: while they are made, and at their end.

import { reaches, ROWS } from './rows.mjs';

const isTerminal = process.stderr.isTTY;
const began = performance.now();

/** Says how far it is: on a terminal in one line that the next takes the place of. */
export function tell(words) {
  const seconds = ((performance.now() - began) / 1000).toFixed(0).padStart(4);
  process.stderr.write(isTerminal ? `\r\x1b[K${seconds} s  ${words}` : `${seconds} s  ${words}\n`);
}

/** Prints a line that stays. */
export function say(words) {
  if (isTerminal) process.stderr.write('\r\x1b[K');
  console.log(words);
}

const times = (ratio) => `${ratio.toFixed(2)} ×`.padStart(7);

/** What came of a piece of work. */
export function line(name, { medians, ratios }) {
  const [[ours, { cpuMicros, p50Ms }], ...others] = Object.entries(medians);
  say(`${name.padEnd(32)} ${ours}: ${cpuMicros.toFixed(0)} µs CPU, ${p50Ms.toFixed(2)} ms`);
  for (const [other, figures] of others) {
    const { cpu, p50, throughput } = ratios[other];
    say(`${' '.repeat(32)}   ${other.padEnd(14)} ${figures.cpuMicros.toFixed(0).padStart(6)} µs, ${figures.p50Ms.toFixed(2).padStart(6)} ms:  CPU ${times(cpu)}  p50 ${times(p50)}  throughput ${times(throughput)}`);
  }
}

/** The targets, and how far they are reached. */
export function table(results) {
  say('');
  for (const row of ROWS) {
    const value = row.of(results);
    if (value === undefined) continue;
    const reached = reaches(row, value, row.aim) ? 'aim' : reaches(row, value, row.must) ? 'must' : 'missed';
    say(`${row.name.padEnd(48)} ${row.shown(value).padStart(14)}   must ${row.shown(row.must)}, aim ${row.shown(row.aim)}: ${reached}`);
  }
}

/** Whether what was reached before is still reached: ratios alone, since they hold on other machines. */
export function check(results, limits) {
  let holds = true;
  say('');
  for (const row of ROWS.filter(({ isRatio }) => isRatio)) {
    const [value, kept] = [row.of(results), limits[row.name]];
    if (value === undefined || kept === undefined) continue;
    const good = reaches(row, value, kept.limit);
    holds &&= good;
    say(`${good ? 'ok  ' : 'FAIL'} ${row.name}: ${row.shown(value)}, the limit is ${row.shown(kept.limit)} (${kept.why})`);
  }
  return holds;
}

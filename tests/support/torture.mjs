// A torture run: it is told how long and with which chance, says what it does, and leaves its figures.
//
//     await torture('kill', { aboutMs: 300_000 }, async (run) => { … run.figure('kills', 20) … });
//
// A loss is noted and the run goes on: one run tells everything that is wrong. It fails at the end.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** Losses that are printed and kept with their words; of more, the number tells enough. */
const LOSSES_TOLD_MAX = 20;
/** What is left to end servers and to write the figures once a run has taken too long, in milliseconds. */
const CLOSING_MS = 20_000;

/**
 * Runs it once and ends this process: 0 if nothing was lost.
 *
 * @param {string} name
 * @param {{shortMs: number, fullMs: number}} limits the longest that each form may take, in milliseconds
 * @param {(run: Run) => Promise<void>} body
 */
export async function torture(name, { shortMs, fullMs }, body) {
  const { values } = parseArgs({ options: { short: { type: 'boolean', default: false }, seed: { type: 'string' } } });
  const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
  const limitMs = values.short ? shortMs : fullMs;
  const run = new Run(name, values.short, seed);
  run.say(`${values.short ? 'short form, ' : ''}seed ${seed}, at most ${limitMs / 1000} s`);
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not finished after ${limitMs / 1000} s`)), limitMs);
  });
  try {
    await Promise.race([body(run), late]);
  } catch (error) {
    run.lost(error.stack ?? String(error));
  }
  clearTimeout(timer);
  // A server that does not end must not keep us from telling what was found.
  setTimeout(() => process.exit(1), CLOSING_MS).unref();
  await run.close();
  process.exit(run.losses > 0 ? 1 : 0);
}

/** What a run knows of itself. */
class Run {
  #began = performance.now();
  #words = [];
  #figures = {};
  #closers = [];
  #state;

  constructor(name, short, seed) {
    this.name = name;
    this.short = short;
    this.seed = seed;
    this.losses = 0;
    this.#state = seed >>> 0;
  }

  /** The one of two numbers that this form of the run takes. */
  either(short, full) {
    return this.short ? short : full;
  }

  /** A number from 0 to 1, the same ones in the same order for the same seed: mulberry32. */
  random() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number between two, both included. */
  between(least, most) {
    return least + Math.floor(this.random() * (most - least + 1));
  }

  say(words) {
    console.log(`${this.name} ${this.#seconds().toFixed(1).padStart(6)} s  ${words}`);
  }

  /** Keeps a figure, and tells it. */
  figure(what, value, unit = '') {
    this.#figures[what] = unit === '' ? value : { value, unit };
    this.say(`${what}: ${typeof value === 'object' ? JSON.stringify(value) : value}${unit && ` ${unit}`}`);
  }

  /** Something was lost, or came that should not have. */
  lost(words) {
    this.losses += 1;
    if (this.losses > LOSSES_TOLD_MAX) return;
    this.#words.push(words);
    console.log(`${this.name} LOST: ${words}`);
  }

  /** A loss unless it holds. */
  demand(holds, words) {
    if (!holds) this.lost(words);
    return Boolean(holds);
  }

  /** To be done at the end, also when the run broke off; the last that was named first. */
  atEnd(closer) {
    this.#closers.unshift(closer);
  }

  async close() {
    for (const closer of this.#closers) {
      try {
        await closer();
      } catch (error) {
        this.lost(`at the end: ${error.message}`);
      }
    }
    const { name, short, seed, losses } = this;
    const told = { run: name, short, seed, passed: losses === 0, seconds: Math.round(this.#seconds() * 10) / 10, losses, lost: this.#words, figures: this.#figures };
    const folder = join(process.env.SESSILE_OUTPUT ?? 'target/test-output', 'torture');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${name}.json`), `${JSON.stringify(told, undefined, 2)}\n`);
    this.say(losses === 0 ? 'passed: nothing was lost' : `FAILED: ${losses} losses`);
  }

  #seconds() {
    return (performance.now() - this.#began) / 1000;
  }
}

/** Waits. The runs wait for a while to pass or for chance, never for luck. */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Does something for each of many, so many at a time, and gives what came of each. */
export async function each(things, atOnce, work) {
  const all = [...things];
  const results = new Array(all.length);
  let next = 0;
  const worker = async () => {
    while (next < all.length) {
      const index = next;
      next += 1;
      results[index] = await work(all[index], index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, worker));
  return results;
}

/** Looks again until something holds; false when it does not in time. */
export async function becomes(holds, ms, everyMs = 50) {
  const deadline = Date.now() + ms;
  for (;;) {
    if (await holds()) return true;
    if (Date.now() > deadline) return false;
    await pause(everyMs);
  }
}

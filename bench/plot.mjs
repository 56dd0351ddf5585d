// The plots of `docs/performance.md`, made from the figures: bars beside each other, readable on light and dark pages.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROWS } from './rows.mjs';

const STYLE = `text{font:13px system-ui,sans-serif;fill:#24292f}.ours{fill:#0969da}.other{fill:#afb8c1}.must{stroke:#cf222e}.aim{stroke:#1a7f37}line{stroke-width:2}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.ours{fill:#4493f8}.other{fill:#57606a}.must{stroke:#f85149}.aim{stroke:#3fb950}}`;
const [WIDTH, LEFT, LINE, TOP, RIGHT] = [800, 350, 26, 44, 80];

/** Bars: each with its words, value and, if there are any, marks on the way. */
function bars(title, rows, shown) {
  const most = Math.max(...rows.flatMap(({ value, marks = [] }) => [value, ...marks.map(({ at }) => at)]));
  const x = (value) => LEFT + (value / most) * (WIDTH - LEFT - RIGHT);
  const lines = rows.map(({ words, value, kind, marks = [] }, index) => {
    const y = TOP + index * LINE;
    const marked = marks.map(({ at, name }) => `<line class="${name}" x1="${x(at)}" x2="${x(at)}" y1="${y - 3}" y2="${y + 19}"><title>${name}: ${shown(at)}</title></line>`);
    return `<text x="${LEFT - 10}" y="${y + 13}" text-anchor="end">${words}</text><rect class="${kind}" x="${LEFT}" y="${y}" width="${x(value) - LEFT}" height="16" rx="2"/>${marked.join('')}<text x="${Math.max(x(value), ...marks.map(({ at }) => x(at))) + 8}" y="${y + 13}">${shown(value)}</text>`;
  });
  const height = TOP + rows.length * LINE + 8;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}"><style>${STYLE}</style><text x="10" y="22" font-weight="600">${title}</text>${lines.join('')}</svg>\n`;
}

/** Writes the plots into a folder. */
export async function plot(results, folder) {
  await mkdir(folder, { recursive: true });
  const targets = ROWS.filter(({ isRatio, atLeast }) => isRatio && !atLeast)
    .map((row) => ({ words: row.name, value: row.of(results), kind: 'ours', marks: [{ at: row.aim, name: 'aim' }, { at: row.must, name: 'must' }] }))
    .filter(({ value }) => value !== undefined);
  await writeFile(join(folder, 'targets.svg'), bars('In terms of the floor: green is the aim, red what must be reached', targets, (value) => `${value.toFixed(2)} ×`));
  const cpu = Object.entries(results.work ?? {}).flatMap(([name, { medians }]) =>
    Object.entries(medians).map(([who, { cpuMicros }]) => ({ words: `${name}: ${who}`, value: cpuMicros, kind: who.startsWith('sessile') ? 'ours' : 'other' })));
  await writeFile(join(folder, 'cpu.svg'), bars('CPU time of the server for each operation', cpu, (value) => `${value.toFixed(0)} µs`));
}

// The targets: what Sessile may cost in terms of the floor, row by row. "Must" decides, "aim" is where it should come to.

const SESSIONS = 'echo, 64 sessions, 16 bytes';
const ratio = (work, field, other = 'floor') => (results) => results.work?.[work]?.ratios[other]?.[field];
const bytes = (field, when) => ({ memory }) => memory && memory.sessile[field][when] / memory.floor[field][when];

const times = (value) => `${value.toFixed(2)} ×`;
const milliseconds = (value) => `floor + ${value.toFixed(0)} ms`;
const kibibytes = (value) => `${(value / 1024).toFixed(0)} KiB`;

const row = (name, of, must, aim, more = {}) => ({ name, of, must, aim, shown: times, isRatio: true, ...more });

export const ROWS = [
  row('CPU per echo, one session', ratio('echo, one session', 'cpu'), 1.8, 1.35),
  row('p50 latency of it', ratio('echo, one session', 'p50'), 1.6, 1.25),
  row('CPU per echo, 64 sessions over 32 connections', ratio(SESSIONS, 'cpu'), 2, 1.5),
  row('throughput of it', ratio(SESSIONS, 'throughput'), 0.5, 0.75, { atLeast: true }),
  row('64 KiB payload, CPU', ratio('echo, 64 sessions, 64 KiB', 'cpu'), 2.2, 1.6),
  row('stateless call, CPU', ratio('echo, stateless', 'cpu', 'stateless'), 2.5, 1.6),
  row('session open, CPU', ratio('session open', 'cpu'), 2, 1.3),
  row('memory per session', bytes('sessionBytes', 'asleep'), 1.3, 1),
  row('memory per quiet stream', bytes('streamBytes', 'asleep'), 1.3, 1),
  row('start to the first answered request', ({ start }) => start && start.sessile.medianMs - start.floor.medianMs, 60, 20, { shown: milliseconds, isRatio: false }),
  row('the same, of a floor with the same bindings', ({ start }) => start && start.sessile.medianMs - start['floor with the same bindings'].medianMs, 60, 20, { shown: milliseconds, isRatio: false }),
  row('front Worker, gzipped', ({ size }) => size?.front, 1.2 * 1024 * 1024, 700 * 1024, { shown: kibibytes, isRatio: false }),
  row('growth: CPU with many sessions against few', ({ growth }) => growth?.sessile.cpu, 1.15, 1.05),
  row('growth: p50', ({ growth }) => growth?.sessile.p50, 1.15, 1.05),
];

/** Whether a value is as good as a bound. */
export const reaches = ({ atLeast }, value, bound) => (atLeast ? value >= bound : value <= bound);

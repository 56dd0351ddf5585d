// What events of the platform and their futures need of JavaScript, each in one step.

const now = Promise.resolve();

/** Has a function called before anything else happens. */
export function soon(task) {
  now.then(task);
}

// Each step of a future is a microtask, and the platform's own way to begin one takes ten times as long as a promise.
globalThis.queueMicrotask = soon;

/** Of promises that never settle, as whoever promised is gone. */
const lost = new FinalizationRegistry(({ number, settled }) => settled(number, undefined, undefined));

/**
 * Tells one function of the Worker, which all promises share, that one of them has settled: that it is good, that it has
 * failed, or that it never will, which nobody says.
 */
export function settle(promise, number, settled) {
  const good = (value) => {
    lost.unregister(good);
    settled(number, true, value);
  };
  const bad = (error) => {
    lost.unregister(good);
    settled(number, false, error);
  };
  lost.register(good, { number, settled }, good);
  promise.then(good, bad);
}

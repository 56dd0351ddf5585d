// Tells one function of the Worker, which all promises share, that one of them has settled.

export function settle(promise, number, settled) {
  promise.then((value) => settled(number, true, value), (error) => settled(number, false, error));
}

// Each step of a future is a microtask, and the platform's own way to begin one takes ten times as long as a promise.
const now = Promise.resolve();
globalThis.queueMicrotask = (task) => {
  now.then(task);
};

// Tells one function of the Worker, which all promises share, that one of them has settled.

export function settle(promise, number, settled) {
  promise.then((value) => settled(number, true, value), (error) => settled(number, false, error));
}

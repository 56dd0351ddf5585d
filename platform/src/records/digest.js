// The platform's own SHA-256, for what is long.

/** Of bytes in the memory of the Worker. */
export const sha256 = (bytes) => crypto.subtle.digest('SHA-256', bytes.slice());

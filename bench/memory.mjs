// How much memory sessions and quiet streams take: that of a workerd which has just been started, before and after.

import { memoryBytes } from './process.mjs';
import { collectGarbage } from './inspector.mjs';

/** Sessions that are opened first, so that what is there once is there. */
const FIRST = 50;
/** After how long an object that nobody asks is put to sleep or away, in milliseconds: workerd does so after 10 s. */
const ASLEEP_MS = 14_000;

/** Waits until the objects sleep that nobody asks. */
export const asleep = () => new Promise((resolve) => setTimeout(resolve, ASLEEP_MS));

/** Bytes of memory for each session and each quiet stream: at once, and when their objects sleep. */
export async function memory(target, inspectorPort, count, tell) {
  const look = async () => {
    await collectGarbage(inspectorPort);
    return memoryBytes(target.pid);
  };
  const settled = async () => {
    await asleep();
    return look();
  };
  await target.sessions(FIRST);
  const before = await settled();
  const sessions = (await target.sessions(FIRST + count, tell)).slice(FIRST);
  const [open, sessionsAsleep] = [await look(), await settled()];
  tell(`${count} streams of ${target.name}`);
  const connections = [];
  for (const session of sessions) {
    const connection = await target.connect();
    await target.listen(connection, session);
    connections.push(connection);
  }
  const [streaming, streamsAsleep] = [await look(), await settled()];
  connections.forEach((connection) => connection.close());
  const each = (after, earlier) => (after - earlier) / count;
  return {
    bytesBefore: before,
    sessionBytes: { open: each(open, before), asleep: each(sessionsAsleep, before) },
    streamBytes: { open: each(streaming, sessionsAsleep), asleep: each(streamsAsleep, sessionsAsleep) },
  };
}

// An HTTP server on loopback that can go away and come back on its port.

import { createServer } from 'node:http';
import { once } from 'node:events';

/** Longest body that a counterpart reads, in bytes. */
const BODY_BYTES_MAX = 100_000;

/** Serves `handle(request, response)`; `down()` refuses connections, `up()` accepts them again on the same port. */
export async function serve(handle) {
  let server;
  let port = 0;
  const up = async () => {
    server = createServer((request, response) => {
      Promise.resolve(handle(request, response)).catch((error) => {
        response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
      });
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address());
  };
  const down = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  await up();
  return { url: `http://127.0.0.1:${port}`, up, down, stop: () => (server.listening ? down() : undefined) };
}

/** The fields of a form body. */
export async function readForm(request) {
  let text = '';
  for await (const part of request) {
    text += part;
    if (text.length > BODY_BYTES_MAX) throw new Error('the body is too large');
  }
  return new URLSearchParams(text);
}

export function json(response, status, value, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(JSON.stringify(value));
}

/** Answers that are no answer, by what goes wrong: one list for every endpoint of a provider. */
export const FAULTS = {
  html: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Unicorn!</body></html>'),
  'broken json': (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"access_token": "abc'),
  'json of another shape': (response) => json(response, 200, [1, 2, 3]),
  'server error': (response) => response.writeHead(500, { 'content-type': 'text/plain' }).end('oops'),
  'endless body': (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const part = ' '.repeat(64 * 1024);
    const more = () => {
      while (!response.destroyed && response.write(part));
    };
    response.on('drain', more);
    more();
  },
  hanging: () => {},
  redirect: (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/elsewhere' }).end(),
};

// The inspector of a workerd, which speaks Chrome's protocol for developer tools with each Worker.

/** The inspector of one Worker. */
class Inspector {
  #socket;
  #asked = new Map();
  #id = 0;

  static open(at) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(at);
      socket.addEventListener('open', () => resolve(new Inspector(socket)));
      socket.addEventListener('error', () => reject(new Error(`no inspector at ${at}`)));
    });
  }

  constructor(socket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, result, error } = JSON.parse(data);
      const asked = this.#asked.get(id);
      this.#asked.delete(id);
      if (error) asked?.reject(new Error(error.message));
      else asked?.resolve(result);
    });
  }

  ask(method, params = {}) {
    const id = (this.#id += 1);
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  close() {
    this.#socket.close();
  }
}

/** The inspectors of all Workers, with their names. */
export async function inspectors(port) {
  const listed = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
  const open = async ({ id, webSocketDebuggerUrl: at }) => {
    const inspector = await Inspector.open(at.replace('localhost', '127.0.0.1'));
    return [id.replace(/^core:user:/, ''), inspector];
  };
  return Promise.all(listed.map(open));
}

/** Has every Worker give back what it does not use any more. This runtime does so without an answer. */
export async function collectGarbage(port) {
  for (const [, inspector] of await inspectors(port)) {
    inspector.ask('HeapProfiler.collectGarbage').catch(() => {});
    await inspector.ask('Runtime.getHeapUsage');
    inspector.close();
  }
}

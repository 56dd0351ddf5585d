// The floor, whose object has a tool's call answered by another Worker through a service binding, as Sessile's does.

import front, { FloorSession } from './session.mjs';

export class HopSession extends FloorSession {
  async call(message) {
    if (message.params.name !== 'echo') return super.call(message);
    const response = await this.env.TOOL.fetch('https://tool/', { method: 'POST', body: JSON.stringify(message) });
    return Response.json(JSON.parse(await response.text()));
  }
}

export default front;

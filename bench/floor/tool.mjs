// The other Worker behind the floors with a hop: it answers `echo`.

export default {
  async fetch(request) {
    const { id, params } = JSON.parse(await request.text());
    const result = { content: [{ type: 'text', text: params.arguments.text }], resultType: 'complete' };
    return Response.json({ jsonrpc: '2.0', id, result });
  },
};

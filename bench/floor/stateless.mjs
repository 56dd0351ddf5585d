// The floor without an object: a Worker that answers `echo` with JSON.parse and JSON.stringify, and nothing else.

export default {
  async fetch(request) {
    if (new URL(request.url).pathname !== '/mcp') return new Response(null, { status: 404 });
    const { id, params } = JSON.parse(await request.text());
    const result = { content: [{ type: 'text', text: params.arguments.text }], resultType: 'complete' };
    return Response.json({ jsonrpc: '2.0', id, result });
  },
};

// The floor without an object, which has a tool's call answered by another Worker, as Sessile does.

export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname !== '/mcp') return new Response(null, { status: 404 });
    const message = JSON.parse(await request.text());
    const response = await env.TOOL.fetch('https://tool/', { method: 'POST', body: JSON.stringify(message) });
    return Response.json(JSON.parse(await response.text()));
  },
};

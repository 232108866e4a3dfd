// The function on npm's functions-framework.
const functions = require('@google-cloud/functions-framework');

functions.http('hello', (request, response) => {
  const url = new URL(request.originalUrl, 'http://localhost');
  const body = request.rawBody ?? Buffer.alloc(0);
  const name = url.searchParams.get('name') ?? 'stranger';
  const last = body.length > 0 ? body[body.length - 1] : 0;
  const agent = request.headers['user-agent'] ?? 'nothing known';
  response.set('content-type', 'text/plain; charset=utf-8');
  response.send(`Hello, ${name}! ${request.method} ${url.pathname} came with ${body.length} bytes, the last ${last}, from ${agent}`);
});

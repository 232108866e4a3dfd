// The function on npm's functions-framework, with one JSON log line per request.
const functions = require('@google-cloud/functions-framework');

functions.http('hello', (request, response) => {
  const started = process.hrtime.bigint();
  const url = new URL(request.originalUrl, 'http://localhost');
  const body = request.rawBody ?? Buffer.alloc(0);
  const name = url.searchParams.get('name') ?? 'stranger';
  const last = body.length > 0 ? body[body.length - 1] : 0;
  const agent = request.headers['user-agent'] ?? 'an unknown agent';
  response.set('content-type', 'text/plain; charset=utf-8');
  response.send(`Hello, ${name}! ${request.method} ${url.pathname}: ${body.length} bytes, the last is ${last}, from ${agent}`);
  const duration_ms = Number(process.hrtime.bigint() - started) / 1e6;
  const { method } = request;
  console.log(JSON.stringify({ severity: 'INFO', message: 'request', method, path: url.pathname, status: 200, duration_ms }));
});

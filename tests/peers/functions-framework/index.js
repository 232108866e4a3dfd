// The echo function of ../app/echo.rs, for Node's Functions Framework.

const functions = require('@google-cloud/functions-framework');

functions.http('echo', (request, response) => {
  const last = request.path.split('/').pop();
  switch (last) {
    case 'fail':
      throw new Error('the function failed on purpose');
    case 'cookies':
      response.append('Set-Cookie', 'a=1; Path=/').append('Set-Cookie', 'b=2; HttpOnly');
      return response.type('text/plain').send('two cookies\n');
    case 'binary':
      return response.type('application/octet-stream').send(Buffer.from(Array.from({length: 256}, (_, i) => i)));
    case 'redirect':
      return response.status(303).set('Location', '/elsewhere?x=1').end();
    case 'missing':
      return response.status(404).type('text/plain').send('not here\n');
    case 'nothing':
      return response.status(204).end();
    case 'teapot':
      return response.status(418).type('text/plain').send('short and stout\n');
    case 'stream':
      response.type('text/plain');
      for (let i = 0; i < 3; i++) response.write(`part ${i}\n`);
      return response.end();
  }
  const sent = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i].toLowerCase();
    if (name.startsWith('x-sent')) sent.push(`${name}: ${request.rawHeaders[i + 1]}`);
  }
  const body = request.rawBody ? request.rawBody.toString('hex') : '';
  const lines = [`${request.method} ${request.originalUrl}`, ...sent, body];
  response.type('text/plain').send(lines.join('\n') + '\n');
});

// The function of ../app/tell.rs.
functions.cloudEvent('tell', event => {
  if (event.type === 'fail') throw new Error('the function failed on purpose');
  const {color = null, data = null, id, source, subject = null, type} = event;
  console.log('saw ' + JSON.stringify({color, data, id, source, subject, type}));
});

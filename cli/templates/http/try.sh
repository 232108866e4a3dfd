curl http://127.0.0.1:8080/hello/world
curl http://127.0.0.1:8080/sum -H 'content-type: application/json' -d '{"numbers": [1, 2, 3]}'

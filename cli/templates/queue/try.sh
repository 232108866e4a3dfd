curl http://127.0.0.1:8080/_omnifn/settle -d '{"number": 7, "count": 2}'
curl http://127.0.0.1:8080/_omnifn/settle -d '{"number": 8, "count": 0}'

curl http://127.0.0.1:8080/_omnifn/measure -d '{"device": "d-1", "time": 1700000000, "celsius": 21.5}'
curl http://127.0.0.1:8080/devices/d-1
curl -X POST http://127.0.0.1:8080/_omnifn/forget

body='command=%2Froll&text=2d6&user_name=ada'; now=$(date +%s)
signature=$(printf 'v0:%s:%s' "$now" "$body" | openssl dgst -sha256 -hmac secret -r | cut -d' ' -f1)
curl http://127.0.0.1:8080/slack/commands -d "$body" -H "x-slack-request-timestamp: $now" -H "x-slack-signature: v0=$signature"

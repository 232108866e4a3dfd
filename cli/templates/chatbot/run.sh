SLACK_SIGNING_SECRET=secret cargo run

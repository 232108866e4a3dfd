mkdir -p /tmp/uploads && BUCKET_URL=file:///tmp/uploads cargo run

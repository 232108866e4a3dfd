mkdir -p /tmp/uploads && OMNIFN_BUCKET_UPLOADS=file:///tmp/uploads cargo run

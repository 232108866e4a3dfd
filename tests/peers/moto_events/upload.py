"""A program: uploads a file to a bucket of moto's server, whose queue gets S3's own notification of it: the event on standard output.

`upload.py <file> <key> <bucket>`, with the server in `AWS_ENDPOINT_URL`."""

import json
import sys

from make import client, delivered, queue

file, key, bucket = sys.argv[1:]
sqs, s3 = client("sqs"), client("s3")
url, arn = queue(sqs, "uploads-events")
s3.create_bucket(Bucket=bucket)
s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={
    "QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]})
with open(file, "rb") as picture:
    s3.put_object(Bucket=bucket, Key=key, Body=picture.read(), ContentType="image/png")
print(json.dumps(delivered(sqs, url, arn), default=str))

"""A program: events with the payloads that AWS's services make, as moto models them: a JSON object on standard output."""

import base64
import json

import boto3
from moto import mock_aws

REGION = "us-east-1"


def client(name, **more):
    return boto3.client(name, region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x", **more)


def queue(sqs, name):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def delivered(sqs, url, arn):
    """The messages of a queue, as an event source mapping hands them on."""
    got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], MessageAttributeNames=["All"])
    records = []
    for message in got.get("Messages", []):
        attributes = {
            name: {"stringValue": value.get("StringValue"), "dataType": value["DataType"]}
            for name, value in message.get("MessageAttributes", {}).items()
        }
        records.append({
            "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"], "body": message["Body"],
            "attributes": message["Attributes"], "messageAttributes": attributes, "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs", "eventSourceARN": arn, "awsRegion": REGION,
        })
    return {"Records": records}


@mock_aws
def events():
    sqs, sns, s3, bus = client("sqs"), client("sns"), client("s3"), client("events")
    kinesis = client("kinesis")
    made = {}

    url, arn = queue(sqs, "orders")
    sqs.send_message(QueueUrl=url, MessageBody='{"item": "tea"}', MessageAttributes={"color": {"DataType": "String", "StringValue": "red"}})
    made["queue"] = delivered(sqs, url, arn)

    url, arn = queue(sqs, "uploads-events")
    s3.create_bucket(Bucket="uploads")
    s3.put_bucket_notification_configuration(Bucket="uploads", NotificationConfiguration={
        "QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}]})
    s3.put_object(Bucket="uploads", Key="2026/a b+ü.jpg", Body=b"hello")
    made["storage"] = delivered(sqs, url, arn)

    url, arn = queue(sqs, "news-copy")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="words", Subject="about", MessageAttributes={"color": {"DataType": "String", "StringValue": "red"}})
    made["topic"] = delivered(sqs, url, arn)

    url, arn = queue(sqs, "bus-copy")
    bus.put_rule(Name="placed", EventPattern='{"source": ["shop"]}')
    bus.put_targets(Rule="placed", Targets=[{"Id": "1", "Arn": arn}])
    bus.put_events(Entries=[{"Source": "shop", "DetailType": "order.placed", "Detail": '{"item": "tea"}'}])
    records = delivered(sqs, url, arn)["Records"]
    made["event"] = json.loads(records[0]["body"])

    kinesis.create_stream(StreamName="telemetry", ShardCount=1)
    kinesis.put_record(StreamName="telemetry", Data=b'{"t": 1}', PartitionKey="d1")
    shard = kinesis.describe_stream(StreamName="telemetry")["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = kinesis.get_shard_iterator(StreamName="telemetry", ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    stream_arn = kinesis.describe_stream(StreamName="telemetry")["StreamDescription"]["StreamARN"]
    made["stream"] = {"Records": [{
        "kinesis": {"kinesisSchemaVersion": "1.0", "partitionKey": record["PartitionKey"], "sequenceNumber": record["SequenceNumber"],
                    "data": base64.b64encode(record["Data"]).decode(), "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp()},
        "eventSource": "aws:kinesis", "eventVersion": "1.0", "eventID": f"{shard}:{record['SequenceNumber']}",
        "eventName": "aws:kinesis:record", "awsRegion": REGION, "eventSourceARN": stream_arn,
    } for record in kinesis.get_records(ShardIterator=iterator)["Records"]]}

    # By the address that moto knows, without the account in it.
    tables, streams = client("dynamodb"), client("dynamodbstreams", endpoint_url=f"https://streams.dynamodb.{REGION}.amazonaws.com")
    table = tables.create_table(
        TableName="accounts", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})["TableDescription"]
    item = {"id": {"S": "7"}, "balance": {"N": "7.5"}, "tags": {"SS": ["a", "b"]}, "open": {"BOOL": True}, "gone": {"NULL": True},
            "more": {"M": {"list": {"L": [{"N": "1"}, {"S": "x"}]}}}}
    tables.put_item(TableName="accounts", Item=item)
    tables.update_item(TableName="accounts", Key={"id": {"S": "7"}}, UpdateExpression="SET balance = :b",
                       ExpressionAttributeValues={":b": {"N": "8"}})
    tables.delete_item(TableName="accounts", Key={"id": {"S": "7"}})
    arn = table["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    records = streams.get_records(ShardIterator=iterator)["Records"]
    for record in records:
        record["eventSourceARN"] = arn
        record["dynamodb"]["ApproximateCreationDateTime"] = record["dynamodb"]["ApproximateCreationDateTime"].timestamp()
    made["changes"] = {"Records": records}

    return made


if __name__ == "__main__":
    print(json.dumps(events(), default=str))

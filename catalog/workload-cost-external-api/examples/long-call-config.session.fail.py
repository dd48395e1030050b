import boto3

session = boto3.session.Session()
models = session.client(service_name="bedrock-runtime", region_name="us-east-1")


def handler(event, context):
    return models.converse(modelId=event["model"], messages=event["messages"])["output"]

import boto3

functions = boto3.client("lambda")


def handler(event, context):
    return functions.invoke(FunctionName="prices", Payload=event["body"])["StatusCode"]

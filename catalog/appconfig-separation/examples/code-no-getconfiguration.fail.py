import boto3

client = boto3.client("appconfig")


def handler(event, context):
    answer = client.get_configuration(
        Application="orders", Environment="prod", Configuration="flags", ClientId="one"
    )
    return answer["Content"].read()

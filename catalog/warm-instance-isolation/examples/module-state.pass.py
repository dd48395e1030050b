import boto3

table = None


def get_table():
    global table
    if table is None:
        table = boto3.resource("dynamodb").Table("orders")
    return table


def handler(event, context):
    warnings = []
    warnings.append(event["body"])
    return {"warnings": warnings, "table": get_table().name}

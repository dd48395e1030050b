warnings = []


def handler(event, context):
    warnings.append(event["body"])
    return {"warnings": warnings}

from aws_lambda_powertools import Tracer

tracer = Tracer()


@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def handler(event, context):
    return event["order_id"]

from aws_lambda_powertools import Tracer

tracer = Tracer()


@tracer.capture_method(capture_response=False)
def card_token(customer_id):
    return f"token-of-{customer_id}"


@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def handler(event, context):
    return card_token(event["customer_id"])

from aws_lambda_powertools import Tracer

tracer = Tracer()


@tracer.capture_method(capture_response=False, capture_error=True)
def card_token(customer_id):
    return f"token-of-{customer_id}"

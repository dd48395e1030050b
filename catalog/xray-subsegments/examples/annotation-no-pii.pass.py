from aws_lambda_powertools import Tracer

tracer = Tracer()


@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def handler(event, context):
    tracer.put_annotation("order_id", event["order_id"])
    tracer.put_annotation("channel", "email")
    tracer.put_annotation(key="queue_name", value="orders")
    tracer.put_metadata("items", len(event["items"]))

from aws_lambda_powertools import Tracer
from aws_lambda_powertools.event_handler import APIGatewayRestResolver

app = APIGatewayRestResolver()
tracer = Tracer()


@app.post("/orders")
def create_order():
    tracer.put_metadata(key="order", value=app.current_event.json_body)
    return {}

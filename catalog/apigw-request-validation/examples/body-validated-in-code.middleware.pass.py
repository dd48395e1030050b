from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from .validation import validate_body

app = APIGatewayRestResolver()
app.use(middlewares=[validate_body])


@app.post("/orders")
def create_order():
    return app.current_event.json_body


def handler(event, context):
    return app.resolve(event, context)

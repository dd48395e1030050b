from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.validation import validate

ORDER = {"type": "object"}

app = APIGatewayRestResolver()


@app.post("/orders")
def create_order():
    validate(event=app.current_event.json_body, schema=ORDER)
    return {}


def handler(event, context):
    return app.resolve(event, context)

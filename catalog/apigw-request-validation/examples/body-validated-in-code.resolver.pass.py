from aws_lambda_powertools.event_handler import APIGatewayRestResolver

app = APIGatewayRestResolver(enable_validation=True)


@app.post("/orders")
def create_order(sku: str):
    return {"sku": sku}


def handler(event, context):
    return app.resolve(event, context)

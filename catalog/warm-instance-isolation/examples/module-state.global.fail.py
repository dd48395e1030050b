customer = None


def handler(event, context):
    global customer
    customer = event["customer_id"]
    return greet()


def greet():
    return {"greeting": f"Welcome back, {customer}"}

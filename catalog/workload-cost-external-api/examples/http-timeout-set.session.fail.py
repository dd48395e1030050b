import requests

session = requests.Session()


def handler(event, context):
    return session.post(event["url"], json=event["order"]).status_code

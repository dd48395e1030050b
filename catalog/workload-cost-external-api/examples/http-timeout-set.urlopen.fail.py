import json
import urllib.request


def handler(event, context):
    with urllib.request.urlopen(event["url"]) as answer:  # noqa: S310
        return json.load(answer)

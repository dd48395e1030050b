from typing import Any


def handler(event: dict[str, Any], context: object) -> None:
    print("order taken", event["order_id"])

"""What was counted is to be reported at the end. Lambda does not let it come to that."""

import atexit
from typing import Any

counted = {"orders": 0}


def report() -> None:
    print(f"{counted['orders']} orders in this environment", flush=True)


atexit.register(report)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    counted["orders"] += 1
    return {"statusCode": 201, "body": ""}

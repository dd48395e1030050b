"""Takes the finding for the recommendation."""

import boto3


def new_memory(arn: str) -> int:
    """MB of memory to give a function."""
    optimizer = boto3.client("compute-optimizer")
    answer = optimizer.get_lambda_function_recommendations(functionArns=[arn])
    (item,) = answer["lambdaFunctionRecommendations"]
    if "MemoryOverprovisioned" in item.get("findingReasonCodes", []):
        # "Over-provisioned" sounds like too much, so half of it should do.
        return int(item["currentMemorySize"] // 2)
    return int(item["currentMemorySize"])

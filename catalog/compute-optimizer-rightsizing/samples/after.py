"""Takes the first recommendation, and leaves alone what was not analysed."""

import boto3


def new_memory(arn: str) -> int | None:
    """MB of memory to give a function; None if there is no recommendation."""
    optimizer = boto3.client("compute-optimizer")
    answer = optimizer.get_lambda_function_recommendations(functionArns=[arn])
    # A function above 1,792 MB, or with fewer than 50 invocations in 14 days, is not in the answer.
    for item in answer["lambdaFunctionRecommendations"]:
        options = item.get("memorySizeRecommendationOptions", [])
        if options:
            return int(min(options, key=lambda option: option["rank"])["memorySize"])
    return None

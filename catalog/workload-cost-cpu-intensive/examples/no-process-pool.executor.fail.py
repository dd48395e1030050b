from concurrent.futures import ProcessPoolExecutor


def handler(event, context):
    with ProcessPoolExecutor() as pool:
        return list(pool.map(len, event["parts"]))

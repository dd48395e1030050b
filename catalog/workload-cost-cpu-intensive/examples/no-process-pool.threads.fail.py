from multiprocessing.pool import ThreadPool


def handler(event, context):
    with ThreadPool(4) as pool:
        return pool.map(len, event["parts"])

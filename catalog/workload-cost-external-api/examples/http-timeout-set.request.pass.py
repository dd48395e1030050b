import urllib3

http = urllib3.PoolManager(retries=False)


def handler(event, context):
    limits = urllib3.Timeout(connect=1, read=3, total=event["seconds_left"])
    return http.request("GET", event["url"], timeout=limits).status

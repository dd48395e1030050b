import http.client
from urllib.request import urlopen

import httpx
import requests
import urllib3

session = requests.Session()
pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=1, read=3))
client = httpx.Client()  # has a limit of 5 s of its own
OPTIONS = {"timeout": 3}


def handler(event, context):
    requests.get(event["url"], timeout=(1, 3))
    requests.post(event["url"], json=event, **OPTIONS)  # noqa: S113
    session.get(event["url"], timeout=3)
    urlopen(event["url"], timeout=3)  # noqa: S310
    http.client.HTTPSConnection("example.com", timeout=3)
    client.get(event["url"])
    return pool.request("GET", event["url"]).status

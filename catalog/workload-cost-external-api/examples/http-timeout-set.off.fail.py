import httpx

client = httpx.AsyncClient(timeout=None)  # noqa: S113


async def fetch(url):
    return await client.get(url)

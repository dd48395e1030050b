def handler(event, context):
    with open("/tmp/report.csv", "a") as report:
        report.write(event["rows"])
    with open("/tmp/report.csv") as report:
        return {"report": report.read()}

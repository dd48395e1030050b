from aws_xray_sdk.core import xray_recorder


def remember(customer):
    with xray_recorder.in_subsegment("charge") as subsegment:
        subsegment.put_annotation("customer_name", customer.name)

"""The same with the client of boto3."""

import boto3

TOKEN = boto3.client("secretsmanager").get_secret_value(SecretId="token")["SecretString"]


def handler(event, context):
    return {"authorization": TOKEN}

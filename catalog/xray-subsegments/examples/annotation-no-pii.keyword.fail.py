from aws_lambda_powertools import Tracer

tracer = Tracer()


def remember(session):
    tracer.put_metadata(value=session.token, key="access_token")

from sqlalchemy.orm import Session


def handler(event, context, session: Session):
    return session.get(event["model"], event["id"])

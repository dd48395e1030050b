from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

processor = BatchProcessor(event_type=EventType.SQS)


def deliver(record):
    print(record.body)


def handler(event, context):
    return process_partial_response(
        event=event, record_handler=deliver, processor=processor, context=context
    )

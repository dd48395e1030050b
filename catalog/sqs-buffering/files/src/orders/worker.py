"""The queue's worker: delivers orders to the downstream."""

from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from orders.downstream import deliver
from orders.log import logger
from orders.order import Order

processor = BatchProcessor(event_type=EventType.SQS)
# anshin:setup queue


# Powertools passes the message by name: the parameter has to be called `record`.
def deliver_record(record: SQSRecord) -> None:
    """Deliver one message's order; if that raises, the message stays on the queue."""
    try:
        order = Order(**record.json_body)
        deliver(order)
    except Exception:
        message_id = record.message_id
        logger.exception("order not delivered: %s", message_id, extra={"message_id": message_id})
        raise
    logger.info("order delivered", extra={"order_id": order.order_id})


# anshin:handler queue
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Entry point of WorkerFunction; names the messages that stay on the queue.

    Raises BatchProcessingError if none was delivered, so that it counts as an error of the
    function; then all of them stay.
    """
    return process_partial_response(
        event=event, record_handler=deliver_record, processor=processor, context=context
    )

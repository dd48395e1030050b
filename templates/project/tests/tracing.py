"""Tracing in tests: switched on for a while, and kept here instead of sent."""

from collections.abc import Iterator
from contextlib import contextmanager

from aws_xray_sdk import global_sdk_config
from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.core.emitters.udp_emitter import UDPEmitter
from aws_xray_sdk.core.models.entity import Entity
from aws_xray_sdk.core.models.segment import Segment

from orders.tracing import tracer


class Nowhere(UDPEmitter):
    """Takes the place of the sender, which would look for the X-Ray daemon."""

    def send_entity(self, entity: Entity) -> None:
        """Drop it: the test has the segment."""


@contextmanager
def recorded() -> Iterator[Segment]:
    """Trace what happens inside; yields the segment that takes it."""
    xray_recorder.configure(sampling=False, emitter=Nowhere())
    global_sdk_config.set_sdk_enabled(True)
    tracer.disabled = False
    try:
        with xray_recorder.in_segment("test") as segment:
            yield segment
    finally:
        tracer.disabled = True
        global_sdk_config.set_sdk_enabled(False)

"""The service's logger."""

import logging
import os

logger = logging.getLogger("orders")
logger.setLevel(os.environ.get("LOG_LEVEL", "INFO"))

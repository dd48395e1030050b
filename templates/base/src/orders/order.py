"""What an order is."""

from dataclasses import asdict, dataclass
from typing import Any, Self
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class Order:
    """A quantity of one article for one customer."""

    order_id: str
    customer_id: str
    sku: str
    quantity: int

    @classmethod
    def new(cls, body: object) -> Self:
        """A new order from a request's body; raises ValueError if it is not one."""
        match body:
            case {"customer_id": str(customer_id), "sku": str(sku), "quantity": int(quantity)} if (
                customer_id and sku and quantity > 0
            ):
                return cls(str(uuid4()), customer_id, sku, quantity)
        raise ValueError("an order needs customer_id, sku and a quantity above 0")

    def as_dict(self) -> dict[str, Any]:
        """The order as JSON carries it."""
        return asdict(self)

"""What was changed on a customer's card, in a ledger of the customer's own [PIPL art. 46]."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shouwen.organization import customers
from shouwen.organization.models import Customer, Home
from shouwen.organization.personal import CUSTOMER
from shouwen.records import audit, ledger
from shouwen.records.models import Chain, Entry

CORRECTABLE = ("name", "telephone", "home", "relation", "preferred_time")

audit.register("customer_corrected", _("更正一位客户的个人信息"))


def begun(customer: Customer, *, actor_id: int | None) -> Chain:
    """The customer's ledger, locked; begun where nothing has been recorded of the card yet.

    Inside a transaction that holds the customer's row.
    """
    chain = ledger.lock(CUSTOMER, customer.pk)
    if chain is None:
        chain = ledger.open_chain(CUSTOMER, customer.pk, customer.project_id)
        ledger.append(
            chain=chain, kind="begun", actor_id=actor_id, occurred_at=timezone.now(), facts={}
        )
    return chain


def correct(customer: Customer, changes: dict[str, Any], *, actor_id: int | None) -> Entry | None:
    """Change what is not as it was; None where nothing is. `home` is a Home or None.

    The ledger names what was changed; what stood there before lies beside it, encrypted, and goes
    with the rest when the customer is erased. Raises ValueError for a field that is not corrected
    here, and for a home of another project.
    """
    if unknown := changes.keys() - set(CORRECTABLE):
        raise ValueError(f"not corrected here: {', '.join(sorted(unknown))}")
    home = changes.get("home")
    if home is not None and home.project_id != customer.project_id:
        raise ValueError("The home belongs to another project.")
    with transaction.atomic():
        customer = Customer.objects.select_for_update().get(pk=customer.pk)
        before = {name: _said(getattr(customer, name)) for name in CORRECTABLE}
        changes = {
            name: value for name, value in changes.items() if value != getattr(customer, name)
        }
        if not changes:
            return None
        chain = begun(customer, actor_id=actor_id)
        entry = ledger.append(
            chain=chain,
            kind="corrected",
            actor_id=actor_id,
            occurred_at=timezone.now(),
            facts={"fields": sorted(changes)},
            personal={f"{name}_before": before[name] for name in changes},
        )
        customers.correct(customer, **changes)
        audit.note(
            "customer_corrected",
            actor_id=actor_id,
            subject_type=CUSTOMER,
            subject_id=customer.pk,
            project_id=customer.project_id,
            fields=sorted(changes),
        )
    return entry


def _said(value: Any) -> str:
    return value.label if isinstance(value, Home) else str(value or "")


def history(customer: Customer) -> list[Entry]:
    """The entries of the customer's ledger, the newest first, with what was said."""
    return ledger.entries(CUSTOMER, customer.pk, with_said=True)[::-1]

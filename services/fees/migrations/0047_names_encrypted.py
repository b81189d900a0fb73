"""Encrypts names of payers, and reasons and answers in words."""

from django.db import migrations, models

from community.core.online_indexes import AddIndexOnline
from community.core.rotation import encrypt_columns, fill_index


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("fees", "0046_encrypted_columns"),
    ]

    operations = [
        fill_index("fees_payment", "payer_name_index", of="payer_name"),
        fill_index("fees_refund", "payee_name_index", of="payee_name"),
        encrypt_columns("fees_payment", "payer_name"),
        encrypt_columns("fees_refund", "payee_name", "reason"),
        encrypt_columns("fees_providernotice", "seen_words"),
        encrypt_columns("fees_issuedreceipt", "void_reason"),
        encrypt_columns("fees_reduction", "reason"),
        encrypt_columns("fees_ledgerreversal", "reason"),
        encrypt_columns("fees_matchingdifference", "words"),
        encrypt_columns("fees_fundquestion", "answer"),
        AddIndexOnline(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("payer_name_index", ""), _negated=True),
                fields=["payer_name_index"],
                name="payment_by_name",
            ),
        ),
    ]
